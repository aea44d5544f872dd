"""Tries engines as `msa_model.model.engines.trial` does, and dies over the second one."""

from __future__ import annotations

import json
import os
import sys

if __name__ == "__main__":
    folder, threads, *names = sys.argv[1:]
    if names[0] != "torch-bfloat16":
        print("a library greets")
        print(
            json.dumps({"name": names[0], "tiles_per_second": 10.0, "cosine": 1.0, "fault": ""}), flush=True
        )
    if len(names) > 1 or names[0] == "torch-bfloat16":
        os.abort()
