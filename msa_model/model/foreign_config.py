"""The config.json of a transformers model, looked at before any library acts on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_BYTES = 2**20
# What some model has; a network of other sizes could take all memory, or for ever to build.
_LARGEST = {
    "hidden_size": 16_384,
    "intermediate_size": 65_536,
    "embedding_size": 16_384,
    "projection_dim": 16_384,
    "num_hidden_layers": 200,
    "num_attention_heads": 256,
    "num_channels": 64,
    "vocab_size": 2_000_000,
    "type_vocab_size": 1024,
    "max_position_embeddings": 65_536,
    "image_size": 1024,
    "patch_size": 1024,
}
_LARGEST_NUMBER = 2**31
_DIMENSIONS = ("hidden_size", "intermediate_size", "vocab_size")


def check_foreign(config: dict[str, Any], folder: Path) -> None:
    """Looks at all numbers of a config, and for what would bring code or other weights into play.

    Raises:
        ValueError: a size is out of range, or larger than any tensor of the weights in `folder`.
    """
    largest = _largest_dimension(folder)
    for key, value in _leaves(config):
        if type(value) in (int, float) and not -_LARGEST_NUMBER <= value <= _LARGEST.get(
            key, _LARGEST_NUMBER
        ):
            raise ValueError(f"'{key:.80}' cannot be {value!r:.40}")
        if key in _LARGEST and type(value) is int and value < 1:
            raise ValueError(f"'{key}' cannot be {value}")
        if key in _DIMENSIONS and type(value) is int and largest is not None and value > largest:
            raise ValueError(f"'{key}' is {value}; no tensor of the weights is that large")
        if "attn_implementation" in key and "/" in str(value):
            raise ValueError(f"'{key:.80}' names code from elsewhere")
    if "quantization_config" in config:
        raise ValueError("quantised weights are not read")


def _leaves(value: dict[str, Any] | list[Any], key: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and plain values; those of a list under the list's own key."""
    items = value.items() if isinstance(value, dict) else ((key, inner) for inner in value)
    for name, inner in items:
        if isinstance(inner, (dict, list)):
            yield from _leaves(inner, name)
        else:
            yield name, inner


def _largest_dimension(folder: Path) -> int | None:
    """The longest side of any tensor in the folder's safetensors files, by their headers; None: unknown."""
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    sizes: list[int] = []
    for path in filter(Path.is_file, folder.glob("model*.safetensors")):
        try:
            with safe_open(path, framework="np") as file:
                sizes += [size for name in file.keys() for size in file.get_slice(name).get_shape()]  # noqa: SIM118
        except (SafetensorError, OSError):
            return None  # whoever loads it says what is wrong
    return max(sizes, default=None)
