"""The child process that tries engines: each is built, compared with torch in float32, and timed.

`python -m msa_model.model.engines.trial FOLDER THREADS ENGINE…` (0 threads: as many as there are) prints a
JSON object a line: what came of each. An engine that kills the process kills nobody else.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.model.drawn_pictures import drawn_pictures
from msa_model.model.dual_encoder import Vectors
from msa_model.model.encoder import Encoder
from msa_model.model.engines.record import Trial
from msa_model.model.engines.stages import EngineUnusable
from msa_model.protocol.engines import TORCH_FLOAT32

_REPEATS = 3  # the best of them counts: others use the machine, too

Pictures = NDArray[np.uint8]


def main(words: list[str]) -> int:
    """Tries what the command line names."""
    folder, threads, *names = words
    cores = int(threads) or None
    pictures = drawn_pictures()[:16]
    exact = Encoder.load(Path(folder), "cpu", cores, TORCH_FLOAT32).encode_tiles(pictures)
    for name in names:
        print(json.dumps(asdict(_tried(Path(folder), cores, name, pictures, exact))), flush=True)
    return 0


def _tried(folder: Path, threads: int | None, name: str, pictures: Pictures, exact: Vectors) -> Trial:
    try:
        encoder = Encoder.load(folder, "cpu", threads)
        encoder.run_on(encoder.stages_of(name))
        found = encoder.encode_tiles(pictures)
    except (EngineUnusable, RuntimeError) as error:
        return Trial(name, fault=str(error)[:300])
    seconds = min(_seconds(encoder, pictures) for _ in range(_REPEATS))
    return Trial(name, len(pictures) / seconds, float((found * exact).sum(axis=1).min()))


def _seconds(encoder: Encoder, pictures: Pictures) -> float:
    started = time.perf_counter()
    encoder.encode_tiles(pictures)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
