"""What a bug report needs to know, without what nobody else should read."""

from __future__ import annotations

import dataclasses
import os
import platform
import sys
from pathlib import Path
from typing import Optional

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QT_VERSION_STR, QSysInfo
from qgis.PyQt.QtGui import QGuiApplication

from qgis_msa_plugin.plugin_files import plugin_version
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.setup.environment import Environment, EnvironmentState
from qgis_msa_plugin.setup.errors import redact
from qgis_msa_plugin.setup.progress import free_bytes
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.launch import COMMAND_VARIABLE

_LOG_LINES, _TAIL_LINES = 40, 30


@dataclasses.dataclass(frozen=True)
class DiagnosedParts:
    """What is reported on; the client is nothing before the dock was opened."""

    settings: Settings
    environment: Environment
    state: EnvironmentState
    client: Optional[WorkerClient] = None
    gpu: str = ""


def diagnostics_text(subject: DiagnosedParts) -> str:
    """The report, as text that can be pasted into an issue; always English."""
    parts = {
        "System": _system(),
        "Settings that differ from the defaults": _settings(subject.settings),
        "Environment": _environment(subject),
        "Worker": _worker(subject.client),
        "Last lines of the set-up": _last_lines(subject.environment.log),
    }
    sections = [f"## {title}\n{text or '(none)'}" for title, text in parts.items()]
    return redact("\n\n".join(["# MSA Search diagnostics", *sections])) + "\n"


def _system() -> str:
    screen = QGuiApplication.primaryScreen()
    zoom = f"{screen.devicePixelRatio():g}" if screen is not None else "?"
    python = ".".join(map(str, sys.version_info[:3]))
    return _listed(
        {
            "MSA Search": plugin_version(),
            "QGIS": f"{Qgis.QGIS_VERSION}, Qt {QT_VERSION_STR}, Python {python}",
            "Platform": f"{QSysInfo.prettyProductName()}, {platform.machine()}, {os.cpu_count()} processors",
            "Language": QgsApplication.locale(),
            "Screen": f"{QGuiApplication.platformName()}, {zoom} pixels per point",
        }
    )


def _settings(settings: Settings) -> str:
    defaults = Settings()
    changed = {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(Settings)
        if getattr(settings, field.name) != getattr(defaults, field.name)
    }
    variable = os.environ.get(COMMAND_VARIABLE)
    return _listed({**changed, **({COMMAND_VARIABLE: variable} if variable else {})})


def _environment(subject: DiagnosedParts) -> str:
    environment = subject.environment
    built = environment.built()
    facts: dict[str, object] = {
        "Folder": environment.folder,
        "State": subject.state.value,
        "Free on the disk": f"{free_bytes(environment.folder) / 1e9:.1f} GB",
        "Graphics card": subject.gpu or "none found, or not looked for",
    }
    return _listed({**facts, **(dataclasses.asdict(built) if built is not None else {})})


def _worker(client: Optional[WorkerClient]) -> str:
    if client is None:
        return "not asked: the dock was not opened"
    facts: dict[str, object] = {"State": client.state.value}
    for answer in (client.initialized, client.ready):
        facts.update(dataclasses.asdict(answer) if answer is not None else {})
    error = client.error
    if error is None:
        return _listed(facts)
    facts["Error"] = f"{error.kind}: {error.sentence}"
    return "\n".join(filter(None, (_listed(facts), *error.tail.splitlines()[-_TAIL_LINES:])))


def _last_lines(log: Path) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])
    except OSError:
        return ""


def _listed(facts: dict[str, object]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())
