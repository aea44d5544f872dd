"""A profile whose set-up takes seconds: the wheels lead to the packages of the checkout's worker.

Everything else is real: venv, pip, the engine built from the plugin's own files, the model.
"""

from __future__ import annotations

import hashlib
import sysconfig
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.qgis.tiny_wheel import write_wheel
from tools.desktop import make_profile
from tools.staging import PLUGIN

PINS = {"torch": "borrowed==1.0", "constraints": ""}


def make_wheels(folder: Path) -> Path:
    """A folder of wheels: a link to the worker's packages, and the tool that builds the engine."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = sysconfig.get_paths()["purelib"]
    write_wheel(folder, "borrowed", "1.0", {"borrowed.pth": f"{packages}\n"})
    write_wheel(folder, "tinytext", "0.1", {"tinytext.py": ""})
    tool = distribution("setuptools")
    files = [file for file in tool.files or [] if file.suffix != ".pyc" and ".dist-info" not in str(file)]
    texts = [file for file in files if file.suffix in (".py", ".txt", ".json")]
    sources = {str(file): file.read_text(encoding="utf-8") for file in texts}
    commands = f"setuptools-{tool.version}.dist-info/entry_points.txt"
    sources[commands] = tool.read_text("entry_points.txt") or ""
    write_wheel(folder, "setuptools", tool.version, sources)
    return folder


def hashed_pins() -> dict[str, str]:
    """The lists with hashes, of wheels that are the same bytes whenever they are made."""
    with TemporaryDirectory() as place:
        wheels = list(make_wheels(Path(place)).glob("*.whl"))
        digests = {
            wheel.name.split("-")[0]: hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels
        }
    tool = f"setuptools=={distribution('setuptools').version}"
    return {
        "locked/worker": f"{tool} --hash=sha256:{digests['setuptools']}",
        "locked/text-encoder": f"tinytext==0.1 --hash=sha256:{digests['tinytext']}",
    }


def make_small_profile(profiles: Path) -> Path:
    """A profile without a worker, whose plugin wants only those wheels."""
    profile = make_profile(profiles)
    pins = profile / "python" / "plugins" / PLUGIN / "resources" / "requirements"
    for name, text in {**PINS, **hashed_pins()}.items():
        (pins / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    return profile
