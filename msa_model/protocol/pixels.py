"""What the worker asks of QGIS while a job runs: blocks of a layer that only QGIS can draw."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Callable

from msa_model.protocol.layers import DrawnLayer
from msa_model.protocol.messages import Bounds


@dataclass(frozen=True)
class PixelBlock:
    """`width` × `height` px over `bounds`, in the layer's CRS."""

    width: int
    height: int
    bounds: Bounds


@dataclass(frozen=True)
class DrawRequest:
    """`layer.draw`, the one request of the worker: the job `id` of the plugin's needs a block of a layer."""

    id: int
    layer: DrawnLayer
    block: PixelBlock


@dataclass(frozen=True)
class DrawReply:
    """Reply to `layer.draw`; the attachment holds height × width × 4 bytes (RGBA8888).

    Pixels of alpha 0 are empty; no attachment stands for a block that is all empty. `problem` says why a part
    may be missing. `asked` says that the layer's server has been asked for something, or that it has none.
    """

    problem: str = ""
    asked: bool = True


@dataclass(frozen=True)
class Picture:
    """A `DrawReply` with its attachment."""

    rgba: bytes
    problem: str = ""
    asked: bool = True


Draw = Callable[[DrawnLayer, PixelBlock], "Future[Picture]"]  # asks for a block; reading waits for it
