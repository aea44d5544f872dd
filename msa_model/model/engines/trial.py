"""The child process that tries engines: each is built, compared with torch in float32, and timed.

`python -m msa_model.model.engines.trial FOLDER THREADS ENGINE…` (0 threads: as many as there are) prints a
JSON object a line: what came of each. An engine that kills the process kills nobody else.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from msa_model.model.agreement import drawn_pictures
from msa_model.model.device import set_threads
from msa_model.model.dual_encoder import Vectors
from msa_model.model.encoder import Encoder
from msa_model.model.engines.record import QUIET_SHARE, Comparison, Timing, share_of, timed
from msa_model.model.engines.stages import EngineUnusable, Stages
from msa_model.protocol.models import TORCH_FLOAT32, Trial, device_of

_ROUNDS = 3
_PROCESSOR = "CPU"

Pictures = NDArray[np.uint8]


def main(words: list[str]) -> int:
    """Tries what the command line names."""
    folder, threads, *names = words
    trials = Trials(Path(folder), int(threads) or None, drawn_pictures()[:16])
    for name in names:
        print(json.dumps(asdict(trials.of(name))), flush=True)
    return 0


class Trials:
    """Compares engines with torch in float32 on the same pictures."""

    def __init__(self, folder: Path, threads: int | None, pictures: Pictures) -> None:
        self._encoder = Encoder.load(folder, "cpu", threads, TORCH_FLOAT32)
        self._threads = set_threads(threads)
        self._torch = self._encoder.stages_of(TORCH_FLOAT32)
        self._pictures = pictures
        self._exact = self._run(self._torch)
        self._share = share_of([self._timed(self._torch) for _ in range(_ROUNDS)], self._threads)

    def of(self, name: str) -> Trial:
        """What comes of an engine: by the clock; where others work, by one thread's own time."""
        on_processor = device_of(name) == _PROCESSOR
        by_clock = self._share >= QUIET_SHARE or not on_processor
        try:
            found = self._compared(name, self._threads if by_clock else 1)
        except (EngineUnusable, RuntimeError) as error:
            return Trial(name, fault=str(error)[:300])
        rate = found.rate(len(self._pictures), by_clock=by_clock)
        return Trial(name, rate, found.cosine, share=min(self._share, found.share))

    def _compared(self, name: str, threads: int) -> Comparison:
        """By turns, so that both meet what else the machine does."""
        set_threads(threads)
        stages = self._encoder.stages_of(name)
        cosine = float((self._run(stages) * self._exact).sum(axis=1).min())
        rounds = tuple((self._timed(self._torch), self._timed(stages)) for _ in range(_ROUNDS))
        return Comparison(rounds, threads, cosine)

    def _timed(self, stages: Stages) -> Timing:
        return timed(partial(self._run, stages))

    def _run(self, stages: Stages) -> Vectors:
        self._encoder.run_on(stages)
        return self._encoder.encode_tiles(self._pictures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
