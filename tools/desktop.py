"""QGIS desktop with the plugin enabled, in a profile of its own below build/."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.staging import PLUGIN, ROOT, stage_plugin

PROFILE = "msa"
SETTINGS_FILES = ("QGIS3.ini", "QGIS4.ini")  # each QGIS reads its own
SETTINGS = f"""[PythonPlugins]
{PLUGIN}=true
processing=true

[qgis]
showTips=false
checkVersion=false
newProjectDefault=false

[locale]
overrideFlag=true
userLocale=en_US

[app]
askToSaveMemoryLayers=false
"""
WORKER = ROOT / ".venv" / "worker" / "bin" / "msa"
WORKER_VARIABLE = "MSA_SEARCH_WORKER"  # read by the plugin
# A Python environment's variables lead QGIS's own Python to foreign packages.
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def make_profile(profiles: Path) -> Path:
    """Stage the plugin into a profile below `profiles`; settings that a user changed there stay."""
    profile = profiles / "profiles" / PROFILE
    stage_plugin(profile / "python" / "plugins")
    for name in SETTINGS_FILES:
        settings = profile / "QGIS" / name
        if not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(SETTINGS, encoding="utf-8")
    return profile


def qgis_command(profiles: Path, extra: Sequence[str] = ()) -> list[str]:
    """QGIS itself (Debian's qgis is a wrapper around qgis.bin) with that profile."""
    program = shutil.which("qgis.bin") or shutil.which("qgis")
    if not program:
        sys.exit("QGIS is not installed; 'make setup' installs it.")
    return [
        program,
        "--nologo",
        "--noversioncheck",
        "--profiles-path",
        str(profiles),
        "--profile",
        PROFILE,
        *extra,
    ]


def qgis_environment() -> dict[str, str]:
    """This process's environment without what would mislead QGIS; the checkout's worker."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {WORKER_VARIABLE: f"{shlex.quote(str(WORKER))} worker"} | kept


def main(rasters: Sequence[str]) -> int:
    """Open QGIS on the rasters and wait until it is closed."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        sys.exit("QGIS needs a screen: run this in a desktop session (or under xvfb-run).")
    profiles = ROOT / "build" / "run"
    make_profile(profiles)
    command = qgis_command(profiles, rasters)
    return subprocess.run(command, env=qgis_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
