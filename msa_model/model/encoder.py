"""An MSA checkpoint as everyone else sees it: tiles and texts in, unit vectors out."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from msa_model.model.backbone import FeatureStages
from msa_model.model.checkpoint import (
    Checkpoint,
    Tensors,
    checkpoint_identity,
    default_checkpoint,
    read_checkpoint,
)
from msa_model.model.config import ModelConfig
from msa_model.model.device import Device, choose_device, set_threads, uses_bfloat16
from msa_model.model.dual_encoder import STEP, TILE, DualEncoder, Identity, Vectors
from msa_model.model.engines.choosing import INSTEAD, chosen_engine
from msa_model.model.engines.crashes import NotedStages, crash_noted
from msa_model.model.engines.measuring import measured
from msa_model.model.engines.record import circumstances, crash_note, read_record
from msa_model.model.engines.stages import (
    EngineUnusable,
    OpenVinoStages,
    Stages,
    TorchStages,
    converted,
    quantised_files,
    read_model,
)
from msa_model.model.languages import Languages, read_languages
from msa_model.model.network import ImageTower, MsaNetwork, PlainText, TextHead, pool_lattice, text_head
from msa_model.model.text import SentenceEncoder
from msa_model.model.transform import ImageTransform
from msa_model.model.vocabulary import EnglishReader
from msa_model.protocol.errors import MsaError
from msa_model.protocol.models import (
    AUTO,
    OPENVINO_INT8,
    TORCH,
    TORCH_BFLOAT16,
    TORCH_FLOAT32,
    EnginesMeasured,
    engine_named,
    is_openvino,
)
from msa_model.protocol.warning_table import EngineWarning


@dataclass(frozen=True)
class EngineRequest:
    """The engine that is asked for, and its threads; None: as many as there are."""

    engine: str
    threads: int | None


class Encoder(DualEncoder):
    """A loaded checkpoint."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        sentences: SentenceEncoder,
        device: Device,
        folder: Path,
        wanted: EngineRequest,
    ) -> None:
        config = checkpoint.config
        identity = Identity(config.name, checkpoint.sha256, config.dimension)
        super().__init__(identity, sentences.vocabulary, device)
        self.background = checkpoint.background
        self._text = text_part(checkpoint).to(device.id)
        self._sentences = sentences
        self._checkpoint: Checkpoint | None = checkpoint
        self._transform = ImageTransform.of(config.image)
        self._folder = folder
        self._wanted, self._threads = wanted.engine, wanted.threads
        languages = read_languages(folder, checkpoint.sha256)
        if languages is not None:
            reader = EnglishReader(sentences.vocabulary, languages.taught)
            self.languages = Languages(languages, config.dimension, reader)

    @classmethod
    def load(
        cls, folder: Path | None = None, device: str = "auto", threads: int | None = None, engine: str = TORCH
    ) -> Encoder:
        """The checkpoint in `folder` (else the shipped one) on a device and an engine; "auto": the fastest.

        Where the engine does not run here, torch does, and `engine_warnings` say why. The shipped one's image
        tower, and what is measured to choose its engine, waits for the first image: texts take a quarter of
        the time.

        Raises:
            checkpoint_missing, checkpoint_corrupt, checkpoint_of_other_architecture: see `read_checkpoint`.
            text_encoder_missing: see `SentenceEncoder.load`.
            device_unavailable: see `choose_device`.
            BadArgument: there is no such engine.
        """
        chosen = choose_device(device)
        set_threads(threads)
        folder = folder or default_checkpoint()
        checkpoint = read_checkpoint(folder)
        _check_sizes(checkpoint.config, checkpoint.tensors)
        sentences = SentenceEncoder.load(checkpoint.config.text, checkpoint.deltas, chosen.id)
        encoder = cls(checkpoint, sentences, chosen, folder, EngineRequest(engine, threads))
        if is_openvino(engine_named(engine)) or checkpoint.sha256 != checkpoint_identity()[1]:
            encoder.engine  # noqa: B018  (what is wrong with it is told now)
        return encoder

    @cached_property
    def _image(self) -> ImageTower:
        """Built when the first image comes."""
        if self._checkpoint is None:
            raise RuntimeError("The image tower could not be built.")
        network = build_network(self._checkpoint.config, self._checkpoint.tensors)
        network.image.backbone.fuse_norms()
        self._checkpoint = None
        gc.freeze()  # the libraries' objects stay: looking through them all takes 0.2 s
        tower: ImageTower = network.image.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return tower

    @cached_property
    def _torch(self) -> TorchStages:
        return TorchStages(self.backbone, self.device)

    @cached_property
    def _stages(self) -> Stages:
        """The backbone on the engine that was wanted, else on torch."""
        choice = chosen_engine(self._wanted, self._folder, self.sha256, self._threads, self.device)
        if choice.warnings:
            self.warn_of_engine(choice.warnings)
        note = crash_note(circumstances(self.sha256, self._threads), choice.name)
        try:
            if choice.name in (TORCH, TORCH_FLOAT32):
                return self.stages_of(choice.name)
            with crash_noted(note):
                return NotedStages(self.stages_of(choice.name), note)
        except EngineUnusable as error:
            return self._fallen_back(choice.name, str(error))

    @property
    def engine(self) -> str:
        """What the image tower runs on: an engine's name, see `protocol.models`."""
        return self._stages.name

    @property
    def likely_engine(self) -> str:
        """The same without building the tower; empty where the engines are to be measured first."""
        if "_stages" in vars(self):
            return self.engine
        name = engine_named(self._wanted)
        if name == AUTO and self.device == "cpu":
            record = read_record(circumstances(self.sha256, self._threads))
            return record.fastest() if record is not None and record.is_settled else ""
        return TORCH_BFLOAT16 if _reduces(name, self.device) else TORCH_FLOAT32

    def measure_engines(self) -> EnginesMeasured:
        """As of `DualEncoder`; on a graphics card torch alone runs."""
        if self.device != "cpu":
            return EnginesMeasured(self.engine)
        record = measured(self._folder, self.sha256, self._threads, again=True)
        return EnginesMeasured(record.fastest(), record.trials)

    def stages_of(self, name: str) -> Stages:
        """The backbone on an engine.

        Raises:
            EngineUnusable: it does not run here.
        """
        if not is_openvino(name):
            return TorchStages(self.backbone, self.device, _bfloat16_of(name))
        if name.startswith(OPENVINO_INT8):
            model = read_model(*quantised_files(self._folder, self.sha256))
        else:
            model = converted(self.backbone, self._transform.size)
        return OpenVinoStages(model, name, torch.get_num_threads())

    def run_on(self, stages: Stages) -> None:
        """Encode tiles with an engine of `stages_of` from now on."""
        self._stages = stages

    def _fallen_back(self, name: str, why: str) -> Stages:
        """Torch, as from the beginning without OpenVINO."""
        self.warn_of_engine((EngineWarning("engine_unusable", texts=(name, why)), INSTEAD))
        return self._torch

    @property
    def backbone(self) -> FeatureStages:
        """The network that engines run."""
        return self._image.backbone

    @property
    def transform(self) -> ImageTransform:
        """How pixels become the network's input."""
        return self._transform

    def prepared(self, pixels: NDArray[np.uint8]) -> Tensor:
        """RGB pixels uint8 [n, h, w, 3] as the backbone takes them, at its own size."""
        return self._transform(pixels, self.device)

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """RGB images float32 [n, 3, s, s], 0 to 255, to unit vectors [n, d], all on the device at once."""
        return self.embed_stages(self._seen(self._transform.fit(pixels)))

    def embed_stages(self, stages: Sequence[Tensor]) -> Tensor:
        """Stages [n, c_k, h_k, w_k] to unit vectors [n, d], in float32."""
        image = self._image
        return image.embed([scale.float() for scale in image.pool(stages)])

    @property
    def shares_passes(self) -> bool:
        """Whether overlapping tiles can be taken out of one pass of the network."""
        fits = self._transform.size == TILE and self.backbone.strides[-1] == STEP
        return fits and self.backbone.is_local

    @torch.inference_mode()
    def encode_pass(self, picture: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Vectors:
        """As of `DualEncoder`."""
        images = self._transform.normalise(torch.from_numpy(picture[None]).permute(0, 3, 1, 2), self.device)
        rows, columns = torch.from_numpy(offsets).to(self.device).unbind(1)
        scales = [
            scale[0, :, rows, columns].T
            for scale in pool_lattice(self._seen(images), self.backbone.strides, TILE)
        ]
        return self._sound(self._image.embed(scales).cpu().numpy())

    def _seen(self, images: Tensor) -> list[Tensor]:
        """The stages by the engine; by torch where that fails, from then on."""
        try:
            return self._stages(images)
        except RuntimeError as error:
            if not is_openvino(self.engine):
                raise
            self._stages = self._fallen_back(self.engine, f"{error!r:.200}.")
            return self._stages(images)

    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        vectors: Vectors = self.embed_stages(self._seen(self.prepared(pixels))).cpu().numpy()
        return vectors

    def _encode_text_batch(self, texts: Sequence[str]) -> Tensor:
        vectors: Tensor = self._text(self._sentences(texts))
        return vectors


def _bfloat16_of(engine: str) -> bool | None:
    """The precision that an engine of torch's names; None: the device's own."""
    return None if engine == TORCH else engine == TORCH_BFLOAT16


def _reduces(engine: str, device: str) -> bool:
    """Whether an engine of torch's computes in bfloat16 on a device."""
    wanted = _bfloat16_of(TORCH if engine == AUTO else engine)
    return uses_bfloat16(device.partition(":")[0]) if wanted is None else wanted


def text_part(checkpoint: Checkpoint) -> TextHead | PlainText:
    """What is made of sentence vectors; errors as of `build_network`."""
    head, prefix = text_head(checkpoint.config), "text."
    own = {
        name.removeprefix(prefix): torch.from_numpy(tensor)
        for name, tensor in checkpoint.tensors.items()
        if name.startswith(prefix)
    }
    _fill(head, own, checkpoint.config.name)
    return head


def build_network(config: ModelConfig, tensors: Tensors) -> MsaNetwork:
    """The network of `config` with `tensors` for weights, in evaluation mode.

    Raises:
        checkpoint_of_other_architecture: a tensor is missing, unknown or of another shape.
    """
    _check_sizes(config, tensors)
    network = MsaNetwork(config)
    _fill(network, {name: torch.from_numpy(tensor) for name, tensor in tensors.items()}, config.name)
    return network


def _fill(module: nn.Module, states: dict[str, Tensor], model: str) -> None:
    """Weights in place of what a module was made with, in evaluation mode."""
    try:
        module.load_state_dict(states, strict=True)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[1:2] or [str(error)]
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The weights of '{model}' do not fit its config: {first[0].strip()}",
        ) from error
    module.eval().requires_grad_(requires_grad=False)


def _check_sizes(config: ModelConfig, tensors: Tensors) -> None:
    """Before a network is built that the weights cannot be those of."""
    largest = max((size for tensor in tensors.values() for size in tensor.shape), default=0)
    sizes = {"width": config.width, "dimension": config.dimension, "text.width": config.text.width}
    if config.fine is not None:
        sizes["fine.width"] = config.fine.width
    for name, size in sizes.items():
        if size > largest:
            raise MsaError.of(
                "checkpoint_of_other_architecture",
                f"'{name}' is {size} in the config of '{config.name}'; no tensor of them is that large.",
            )
