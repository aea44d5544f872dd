"""Where a text encoder's files are, and what is in them: any transformers encoder with a fast tokenizer.

Weights that are no numbers would index a raster with vectors that are none.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from msa_model.model.backbone import declare_vision_operators
from msa_model.model.bert import plain_bert
from msa_model.model.config import TextConfig
from msa_model.model.foreign_files import MAX_BYTES, check_foreign, file_sha256
from msa_model.protocol.errors import MsaError
from msa_model.protocol.tables import read_bytes
from msa_model.protocol.tables import read_json as read_json_file

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@torch.no_grad()
def odd_weight(network: nn.Module) -> str | None:
    """The first weight of a network that is not finite."""
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and tensor.numel() and not _is_finite(tensor):
            return str(name)
    return None


def _is_finite(tensor: torch.Tensor) -> bool:
    """In one pass, without a copy."""
    return all(bool(torch.isfinite(end)) for end in torch.aminmax(tensor))


WEIGHTS = "model.safetensors"
_MAX_TOKENIZER_BYTES = 128 * 2**20
_MOST_TOKENS = 2**31
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def find_text_encoder(config: TextConfig) -> Path:
    """The encoder's folder: by path, in the installed package, else from Hugging Face at the pinned revision.

    Raises:
        text_encoder_missing: it is not to be had.
        checkpoint_of_other_architecture: the config's `package` is no name of one.
    """
    for folder in _folders(config):
        if (folder / WEIGHTS).is_file():
            return folder
    if not config.hub_name:
        raise MsaError.of(
            "text_encoder_missing",
            f"There is no text encoder in '{config.folder}': {WEIGHTS} is missing. {_hint(config)}",
        )
    return _from_hub(config)


def _folders(config: TextConfig) -> Iterator[Path]:
    if not config.package:
        yield Path(config.folder).expanduser()
        return
    if not config.package.isidentifier() or config.package == "__main__":
        # To find a part of a package, Python would run the package.
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"'{config.package:.80}' is no name of an installed package."
        )
    spec = importlib.util.find_spec(config.package)  # finds the folder without running the package
    for found in (spec.submodule_search_locations or []) if spec else []:
        yield Path(found) / config.folder


def _hint(config: TextConfig) -> str:
    if (Path(config.folder).expanduser() / "pytorch_model.bin").is_file():
        return f"Its pytorch_model.bin is a pickle, which is never opened: convert it to {WEIGHTS}."
    return "Give the folder that save_pretrained() of transformers wrote."


def _from_hub(config: TextConfig) -> Path:
    if not _COMMIT.fullmatch(config.hub_revision) or not _SHA256.fullmatch(config.sha256):
        raise MsaError.of(
            "text_encoder_missing",
            f"The text encoder '{config.hub_name:.200}' is not downloaded: "
            "the config pins no commit and sha256 of it.",
        )
    from huggingface_hub import snapshot_download  # noqa: PLC0415  (slow, and rarely needed)

    files = ["config.json", WEIGHTS, "tokenizer.json"]
    try:
        found = snapshot_download(config.hub_name, revision=config.hub_revision, allow_patterns=files)
    except (OSError, ValueError) as error:
        raise MsaError.of(
            "text_encoder_missing",
            f"The text encoder '{config.hub_name}' is not installed (package {config.package}) "
            f"and cannot be downloaded: {error}.",
        ) from error
    return Path(found)


def verified(path: Path, expected: str) -> str:
    """The sha256 of the weights at `path`, compared with `expected` unless that is empty.

    Raises:
        text_encoder_missing: they cannot be read, or are others.
    """
    try:
        found = file_sha256(path)
    except OSError as error:
        raise MsaError.of(
            "text_encoder_missing", f"The text encoder's weights cannot be read: {error}."
        ) from error
    if expected and found != expected:
        raise MsaError.of(
            "text_encoder_missing", f"{path} is not the text encoder that the checkpoint was trained with."
        )
    return found


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """The fast tokenizer of `folder`, padding each batch to its longest text.

    The padding id is the model's own: encoders of the RoBERTa kind number positions by it.

    Raises:
        text_encoder_missing: there is no tokenizer.json, or it cannot be read.
    """
    tokenizer = read_tokenizer(folder, max_tokens)
    pad = read_json(folder / "config.json").get("pad_token_id")
    if pad is None:
        pad = (tokenizer.padding or {}).get("pad_id", 0)
    if type(pad) is not int or not 0 <= pad < _MOST_TOKENS:
        raise MsaError.of(
            "text_encoder_missing", f"{folder / 'config.json'}: 'pad_token_id' cannot be {pad!r:.40}."
        )
    tokenizer.enable_padding(pad_id=pad, pad_token=tokenizer.id_to_token(pad) or "[PAD]")
    return tokenizer


def read_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """The fast tokenizer of `folder`, cutting texts off at `max_tokens`; errors as of `load_tokenizer`."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise MsaError.of(
            "text_encoder_missing", f"The text encoder has no tokenizer: {path} does not exist."
        )
    try:
        tokenizer = Tokenizer.from_buffer(read_bytes(path, _MAX_TOKENIZER_BYTES))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # tokenizers raises nothing narrower, and its panics are no Exception
        raise MsaError.of("text_encoder_missing", f"The tokenizer {path} cannot be read: {error}.") from error
    tokenizer.enable_truncation(max_length=max_tokens)
    return tokenizer


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises:
        text_encoder_missing: there is none.
    """
    try:
        found = read_json_file(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise MsaError.of("text_encoder_missing", f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(found, dict):
        raise MsaError.of("text_encoder_missing", f"{path} holds no JSON object.")
    return found


def load_network(folder: Path, pinned: bool = False) -> nn.Module:
    """The encoder of `folder` in float32, every weight of it from the file.

    `pinned`: its bytes are those that a checkpoint was trained with, so that not all need be looked at.

    Raises:
        text_encoder_missing: its files cannot be read.
        checkpoint_of_other_architecture: they are of no text encoder, or lack some of its weights.
    """
    config = read_json(folder / "config.json")
    try:
        check_foreign(config, folder)
    except ValueError as error:
        raise MsaError.of(
            "checkpoint_of_other_architecture", f"{folder / 'config.json'}: {error}."
        ) from error
    network = _plain(folder, config) or _of_transformers(folder, config)
    if not pinned and (name := odd_weight(network)):
        raise MsaError.of(
            "text_encoder_missing",
            f"Weights of the text encoder in {folder} are no finite numbers: '{name}'.",
        )
    return network


def _plain(folder: Path, config: dict[str, Any]) -> nn.Module | None:
    """A plain BERT, its weights mapped; None: transformers may tell what else it is, or what is wrong."""
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    try:
        return plain_bert(config, load_file(folder / WEIGHTS))
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError):
        return None


# How transformers loads a folder: nothing is fetched, none of its code runs (else the terminal is asked).
LOCAL_FILES: Mapping[str, Any] = MappingProxyType(
    {
        "local_files_only": True,
        "use_safetensors": True,
        "trust_remote_code": False,
        "dtype": torch.float32,
    }
)


def quiet_transformers() -> None:
    """Have transformers tell of errors alone."""
    declare_vision_operators()
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _of_transformers(folder: Path, config: dict[str, Any]) -> nn.Module:
    quiet_transformers()
    options = dict(LOCAL_FILES)
    if config.get("model_type") == "bert":  # importing one class is seconds faster than AutoModel
        from transformers.models.bert.modeling_bert import BertModel as Encoder  # noqa: PLC0415

        options["add_pooling_layer"] = False
    else:
        from transformers import AutoModel as Encoder  # noqa: PLC0415
    try:
        model, report = Encoder.from_pretrained(folder, output_loading_info=True, **options)  # nosec B615  (a local folder)
    except Exception as error:  # configs of all kinds make transformers fail in all ways
        raise MsaError.of(
            "text_encoder_missing", f"The text encoder in {folder} cannot be loaded: {error}."
        ) from error
    _check_complete(folder, report)
    network: nn.Module = model
    return network


def _check_complete(folder: Path, report: dict[str, Any]) -> None:
    missing = sorted(key for key in report["missing_keys"] if not key.startswith("pooler."))
    if missing:
        raise MsaError.of(
            "checkpoint_of_other_architecture",
            f"The weights in {folder} lack {len(missing)} tensors of the encoder that its config describes, "
            f"such as '{missing[0]}'.",
        )


def longest_text(network: nn.Module) -> int | None:
    """How many tokens the encoder can number, if it has a table of positions."""
    for name, module in network.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            unused = 0 if module.padding_idx is None else module.padding_idx + 1
            return module.num_embeddings - unused
    return None
