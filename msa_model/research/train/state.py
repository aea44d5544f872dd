"""A run's state after a step: one safetensors file, replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from msa_model.files.failures import writing
from msa_model.files.replacing import replacing

STATE = "state.safetensors"
RUN = "run"


@dataclass(frozen=True)
class RunKey:
    """What makes two runs the same one."""

    recipe: str
    seed: int
    init: str
    data: str
    ranks: int = 1


@dataclass(frozen=True)
class State:
    """Tensors after `steps` steps of the run `key`."""

    key: RunKey
    steps: int
    tensors: dict[str, Tensor]


def write_state(out: Path, state: State) -> None:
    """Replace the state in `out`.

    Raises:
        FileNotOurs: a file of that name is no state.
        DiskFull, storage_failed, folder_read_only: it cannot be written; the state before is as it was.
    """
    file = out / RUN / STATE
    about = {"key": json.dumps(asdict(state.key)), "steps": str(state.steps)}
    held = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file, is_own_state) as part:
        part.write_bytes(save(held, about))


def is_own_state(file: Path) -> bool:
    """Whether a file is a run's state, of whichever run."""
    try:
        with safe_open(file, framework="pt") as found:
            return {"key", "steps"} <= set(found.metadata() or {})
    except (OSError, SafetensorError):
        return False


def read_state(out: Path, key: RunKey) -> State | None:
    """The state in `out`, if there is one, it is whole, and it is of the run `key`."""
    file = out / RUN / STATE
    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as found:
            about = found.metadata() or {}
            if about.get("key") != json.dumps(asdict(key)):
                return None
            return State(key, int(about["steps"]), {name: found.get_tensor(name) for name in found.keys()})  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
