"""Any model that tiles can be indexed with, chosen by what is in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msa_model.model.calibration import DESCRIBING, read_calibration
from msa_model.model.checkpoint import default_checkpoint
from msa_model.model.clip_files import model_kind
from msa_model.model.engines.choosing import INSTEAD
from msa_model.protocol.models import TORCH, engine_named, is_openvino
from msa_model.protocol.warning_table import EngineWarning

if TYPE_CHECKING:
    from msa_model.model.dual_encoder import DualEncoder


def load_encoder(
    folder: Path | None = None, device: str = "auto", threads: int | None = None, engine: str = TORCH
) -> DualEncoder:
    """An MSA checkpoint (None: the shipped one) or a folder of a CLIP or SigLIP on a device, calibrated.

    A CLIP or SigLIP always runs on torch, a checkpoint on the `engine` where that runs here ("auto": the
    fastest, measured once).

    Raises:
        checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture, text_encoder_missing,
        device_unavailable, BadArgument: see `Encoder.load` and `ClipEncoder.load`.
    """
    encoder = _loaded(folder, device, threads, engine)
    beside = folder or default_checkpoint()
    encoder.calibrate(read_calibration(beside, encoder.sha256))
    encoder.calibrate_describing(read_calibration(beside, encoder.sha256, DESCRIBING))
    return encoder


def _loaded(folder: Path | None, device: str, threads: int | None, engine: str) -> DualEncoder:
    if folder is not None and model_kind(folder) != "msa":
        from msa_model.model.clip import ClipEncoder  # noqa: PLC0415  (torch)

        clip = ClipEncoder.load(folder, device, threads)
        if is_openvino(engine_named(engine)):
            clip.warn_of_engine((EngineWarning("engine_for_own_models", texts=(engine,)), INSTEAD))
        return clip
    from msa_model.model.encoder import Encoder  # noqa: PLC0415

    return Encoder.load(folder, device, threads, engine)
