"""Encodes tiles on an engine that dies at the second batch: `python -m … ENGINE SIGNAL`."""

from __future__ import annotations

import os
import sys

from torch import Tensor

from msa_model.model.agreement import drawn_pictures
from msa_model.model.encoder import Encoder
from msa_model.model.engines.stages import OpenVinoStages

if __name__ == "__main__":
    engine, signal = sys.argv[1], int(sys.argv[2])
    encoder, usual = Encoder.load(None, "cpu", 1, engine), OpenVinoStages.__call__
    calls: list[int] = []

    def dying(stages: OpenVinoStages, images: Tensor) -> list[Tensor]:
        """The stages once, and then the end."""
        calls.append(1)
        if len(calls) > 1:
            os.kill(os.getpid(), signal)
        return usual(stages, images)

    OpenVinoStages.__call__ = dying  # type: ignore[method-assign, assignment]
    for _ in range(2):
        encoder.encode_tiles(drawn_pictures()[:1])
