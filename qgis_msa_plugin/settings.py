"""What the user chose, kept in the QGIS profile under `msa_search/`; never in a project.

A project file comes from other people, and the worker command is a program that gets run.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol, Union

from qgis.core import QgsSettings

from msa_model.protocol.hit_filter import DEPTH
from msa_model.protocol.messages import ScanSettings
from msa_model.protocol.models import AUTO, CHOICES

PREFIX = "msa_search"
# Title and object name of the options page: QGIS versions differ in which of them finds it.
PAGE_NAME = "MSA Search"
DEVICES = ("auto", "cpu", "cuda", "mps")
CHOSEN = {"device": DEVICES, "engine": CHOICES}
MOST_THREADS = 256
_RANGES = {"threads": (0, MOST_THREADS), "overlap": (0, 0.75), "k": (1, DEPTH)}

Stored = Union[str, int, float, bool, None]


class SettingsStore(Protocol):
    """The part of QgsSettings that is used here."""

    def value(self, key: str, default: Stored = None) -> Stored:
        """The stored value."""

    def setValue(self, key: str, value: Stored) -> None:
        """Store the value."""

    def remove(self, key: str) -> None:
        """Forget the value."""


@dataclass(frozen=True)
class Settings:
    """Empty texts mean: the environment variable or the managed worker, shipped files, default folders."""

    worker_command: str = ""
    device: str = "auto"
    engine: str = AUTO
    threads: int = 0
    model_folder: str = ""
    cache_folder: str = ""
    phrase_bank: str = ""
    scales_m: tuple[float, ...] = ()
    overlap: float = 0.5
    k: int = 20
    thumbnails: bool = True
    gallery: bool = False

    def of_worker(self) -> tuple[object, ...]:
        """What a worker is started with."""
        command, cache = self.worker_command, self.cache_folder
        return (command, self.device, self.engine, self.threads, self.model_folder, cache)

    def scan(self) -> ScanSettings:
        """How rasters are cut into tiles."""
        return ScanSettings(scales_m=self.scales_m, overlap=self.overlap)


def load_settings(store: SettingsStore) -> Settings:
    """The stored settings; a value that makes no sense counts as not stored."""
    defaults = Settings()
    values: dict[str, Any] = {
        field.name: _value(store.value(f"{PREFIX}/{field.name}"), getattr(defaults, field.name), field.name)
        for field in dataclasses.fields(Settings)
    }
    return Settings(**values)


def save_settings(settings: Settings, store: SettingsStore) -> None:
    """Keep what differs from the defaults, forget the rest."""
    defaults = Settings()
    for field in dataclasses.fields(Settings):
        key, value = f"{PREFIX}/{field.name}", getattr(settings, field.name)
        if value == getattr(defaults, field.name):
            store.remove(key)
        else:
            stored = scales_text(value) if isinstance(value, tuple) else value
            store.setValue(key, stored)


def current_settings() -> Settings:
    """The settings of this QGIS profile."""
    return load_settings(QgsSettings())


def keep_settings(settings: Settings) -> None:
    """Store the settings in this QGIS profile."""
    save_settings(settings, QgsSettings())


def parse_scales(text: str) -> tuple[float, ...]:
    """Metres from a text such as '40, 160'.

    Raises:
        ValueError: a part is no positive number.
    """
    scales = tuple(float(part) for part in text.replace(",", " ").replace(";", " ").split())
    if not all(0 < scale < float("inf") for scale in scales):
        raise ValueError(text)
    return scales


def scales_text(scales_m: tuple[float, ...]) -> str:
    """The text that `parse_scales` reads."""
    return ", ".join(f"{scale:g}" for scale in scales_m)


def _value(stored: Stored, default: Any, name: str) -> Any:  # noqa: ANN401  (of the field's type)
    # INI files give every value back as text.
    if stored is None:
        return default
    try:
        if isinstance(default, tuple):
            return parse_scales(str(stored))
        if isinstance(default, bool):
            return str(stored).lower() in ("true", "1")
        value = type(default)(stored)
    except (ValueError, TypeError, OverflowError):
        return default
    return value if _makes_sense(name, value) else default


def _makes_sense(name: str, value: Union[str, float]) -> bool:
    if isinstance(value, str):
        return name not in CHOSEN or value in CHOSEN[name]
    least, most = _RANGES[name]
    return least <= value <= most
