"""What every model does alike: tiles and texts in batches that fit the device, unit vectors out."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from msa_model.model.calibration import Calibration
from msa_model.model.device import Device, uses_bfloat16
from msa_model.model.languages import Languages
from msa_model.model.vocabulary import Vocabulary, check_query, is_latin, is_query
from msa_model.protocol.errors import MsaError
from msa_model.protocol.models import TORCH_BFLOAT16, TORCH_FLOAT32, EnginesMeasured
from msa_model.protocol.warning_table import EngineWarning, sentences_of

Vectors = NDArray[np.float32]

CPU_BATCH = 16  # larger ones leave the cache and are slower
GPU_BATCH = 256
_UNIT_TOLERANCE = 0.02  # a GPU's reduced precision
OTHER, MISSING = "other", "missing"  # languages, as a reply names them
TILE, STEP = 256, 32  # px: side of an index's tiles, and steps between those of one pass


@dataclass(frozen=True)
class Identity:
    """Which model it is: the index that it makes is found and checked by this."""

    name: str
    sha256: str
    dimension: int


class DualEncoder(ABC):
    """A loaded model, for one thread at a time; outputs do not depend on what else is in the batch.

    `background` [d] is the mean embedding of training images, zeros where it is not known. `languages` reads
    texts that are not English, for a model that has learned to.
    """

    background: Vectors
    calibration: Calibration | None = None  # what its match scores are made of
    describing: Calibration | None = None  # the same of phrases at one place
    languages: Languages | None = None
    engine_warnings: tuple[EngineWarning, ...] = ()  # why it does not run on the engine that was wanted

    def __init__(self, identity: Identity, vocabulary: Vocabulary, device: Device) -> None:
        self.name = identity.name
        self.sha256 = identity.sha256
        self.dimension = identity.dimension
        self.device = device.id
        self.device_name = device.name
        self.gpu_unused = device.gpu_unused
        self._vocabulary = vocabulary
        self._batch = CPU_BATCH if device.id == "cpu" else GPU_BATCH

    @torch.inference_mode()
    def encode_tiles(self, pixels: NDArray[np.uint8]) -> Vectors:
        """RGB tiles uint8 [n, side, side, 3], usually of 256 px, to unit vectors [n, d].

        Raises:
            out_of_memory: not even one tile fits the device.
        """
        vectors = np.empty((len(pixels), self.dimension), np.float32)
        start = 0
        while start < len(pixels):
            batch = pixels[start : start + self._batch]
            try:
                vectors[start : start + len(batch)] = self._encode_batch(batch)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                self._halve_batch(error)
                continue
            start += len(batch)
        return self._sound(vectors)

    @property
    def engine_note(self) -> str:
        """Its `engine_warnings` in English."""
        return sentences_of(self.engine_warnings)

    def warn_of_engine(self, warnings: tuple[EngineWarning, ...]) -> None:
        """Say, here and to whoever asks, why it does not run on the engine that was wanted."""
        self.engine_warnings = warnings
        logging.getLogger(__name__).warning(self.engine_note)

    @property
    def shares_passes(self) -> bool:
        """Whether overlapping tiles can be taken out of one pass of the network."""
        return False

    def encode_pass(self, picture: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Vectors:
        """Tiles of an RGB picture uint8 [h, w, 3] that the network sees once, to unit vectors [n, d].

        `offsets` [n, 2] are their (row, column) in steps of `STEP` px, of which the picture's sides are whole
        numbers; for encoders with `shares_passes`.
        """
        raise NotImplementedError

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors [n, d], each by the encoder of its language.

        What the glossary lists is read by its English twin, and by both where both are to be had.
        """
        twins = [self.twin(text) for text in texts]
        other = np.array([self.is_other(text) for text in texts], bool)
        listed = np.array(list(map(bool, twins)), bool)
        if self.languages is None or not (other | listed).any():
            return self.encode_english(texts)
        english = ~other | listed
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        read = [twin or text for twin, text in zip(twins, texts, strict=True)]
        vectors[english] = self.encode_english(list(compress(read, english)))
        if other.any():
            vectors[other] += self.languages.encode(list(compress(texts, other)))
        both = other & listed
        vectors[both] /= np.linalg.norm(vectors[both], axis=1, keepdims=True)
        return self._sound(vectors)

    @torch.inference_mode()
    def encode_english(self, texts: Sequence[str]) -> Vectors:
        """Texts to unit vectors [n, d] by the model's own text encoder, whatever their language."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), GPU_BATCH):
            batch = texts[start : start + GPU_BATCH]
            vectors[start : start + len(batch)] = self._encode_text_batch(batch).cpu().numpy()
        return self._sound(vectors)

    def calibrate(self, calibration: Calibration | None) -> None:
        """Takes over a calibration of this model; its background only where the model has none of its own."""
        self.calibration = calibration
        self._know_background(calibration)

    def calibrate_describing(self, calibration: Calibration | None) -> None:
        """The same for phrases at one place."""
        self.describing = calibration
        self._know_background(calibration)

    def _know_background(self, calibration: Calibration | None) -> None:
        mean = calibration.background if calibration else ()
        if len(mean) == self.dimension and not self.background.any():
            self.background = np.array(mean, np.float32)

    def is_other(self, text: str) -> bool:
        """Whether the multilingual encoder reads a text, because it is not English."""
        return self.languages is not None and self.languages.installed and self.languages.is_other(text)

    def twin(self, text: str) -> str:
        """The English that the glossary has for a text in another language; mostly empty.

        Of several that which lies nearest to what the multilingual encoder makes of the text.
        """
        twins = () if self.languages is None else self.languages.twins(text)
        if self.languages is None or len(twins) < 2 or not self.languages.installed:  # noqa: PLR2004
            return twins[0] if len(twins) == 1 else ""
        near = self.encode_english(twins) @ self.languages.encode([text])[0]
        return twins[int(near.argmax())]

    def is_foreign(self, text: str) -> bool:
        """Whether a text is read as one that is not English: by the multilingual encoder or the glossary."""
        return self.is_other(text) or bool(self.twin(text))

    def language_of(self, texts: Sequence[str]) -> str:
        """'missing' where a text that is not English can only be read as such, 'other' where one is read."""
        foreign = [self.is_foreign(text) for text in texts]
        if self.languages is not None:
            unread = (text for text, known in zip(texts, foreign, strict=True) if not known)
            if any(map(self.languages.is_surely_other, unread)):
                return MISSING
        return OTHER if any(foreign) else ""

    def check_query(self, text: str) -> str:
        """The query, stripped.

        Raises:
            QueryEmpty: it has no words.
            LanguagesMissing: it needs the multilingual encoder, which is not installed.
            QueryNotUnderstood: the encoder cannot read most of it.
        """
        if self.languages is not None and is_query(text) and not is_latin(text):
            return self.languages.check(text.strip())
        return check_query(text, self._vocabulary)

    def unread(self, text: str) -> str:
        """The end of a text that is cut off, as it is longer than what the encoder reads; mostly empty."""
        return "" if self.is_foreign(text) else self._vocabulary.unread(text)

    def tiles_per_second(self) -> float:
        """The bare model's rate on this machine, measured at the first call (about a second)."""
        return self._rate

    @cached_property
    def _rate(self) -> float:
        tiles = np.zeros((self._batch // 4, TILE, TILE, 3), np.uint8)  # requests wait for this
        self.encode_tiles(tiles)
        start = time.perf_counter()
        self.encode_tiles(tiles)
        return len(tiles) / (time.perf_counter() - start)

    def measure_engines(self) -> EnginesMeasured:
        """What each engine is worth here, measured now and kept for the next start."""
        return EnginesMeasured(self.engine)

    @property
    def engine(self) -> str:
        """What the image tower runs on: an engine's name, see `protocol.models`."""
        return TORCH_BFLOAT16 if uses_bfloat16(self.device.partition(":")[0]) else TORCH_FLOAT32

    @property
    def likely_engine(self) -> str:
        """The same without waiting for it; empty where it is not known yet."""
        return self.engine

    @abstractmethod
    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """RGB images float32 [n, 3, s, s], 0 to 255, to unit vectors [n, d], all on the device at once."""

    @abstractmethod
    def _encode_batch(self, pixels: NDArray[np.uint8]) -> Vectors:
        """Tiles that fit the device, to unit vectors [n, d]."""

    @abstractmethod
    def _encode_text_batch(self, texts: Sequence[str]) -> Tensor:
        """Texts to unit vectors [n, d]."""

    def _sound(self, vectors: Vectors) -> Vectors:
        """The vectors; `checkpoint_corrupt` where weights that are too large made them no unit vectors."""
        if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT_TOLERANCE).all():
            raise MsaError.of(
                "checkpoint_corrupt", f"The model '{self.name}' gives vectors that are not of unit length."
            )
        return vectors

    def _halve_batch(self, error: BaseException) -> None:
        if self._batch == 1:
            raise MsaError.of(
                "out_of_memory", f"{self.device_name} has no memory for a single tile."
            ) from error
        self._batch //= 2
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return "DefaultCPUAllocator" in str(error)  # torch's plain RuntimeError on the CPU
