"""Which checkpoint a name means."""

from __future__ import annotations

from pathlib import Path

from msa_model.shipped import resource


def checkpoint_folder(model: str | None) -> Path | None:
    """The folder of a checkpoint given by path, or by name if it is shipped; None is the default one."""
    if model is None:
        return None
    shipped = resource(f"checkpoints/{model}")
    return shipped if not Path(model).is_dir() and shipped.is_dir() else Path(model)
