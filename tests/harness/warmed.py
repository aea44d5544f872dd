"""Imported by the process that jobs are forked from: everything they import, and the model, loaded once."""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar

from msa_model.model.encoder import Encoder

for _module in ("cli.main", "cli.index", "cli.batch", "cli.worker", "worker.handlers", "worker.server"):
    import_module(f"msa_model.{_module}")


class _Loaded:
    encoder: ClassVar = Encoder.load()


def _loaded(*_: object) -> Encoder:
    found: Encoder = _Loaded.encoder
    return found


Encoder.load = _loaded  # type: ignore[assignment, method-assign]
