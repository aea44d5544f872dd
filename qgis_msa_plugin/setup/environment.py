"""The worker's environment in the QGIS profile: what state it is in, and how it is taken away.

It counts as built only with its marker, which is written last; nothing outside its folder is ever deleted,
and nothing in it unless the folder says that this plugin made it.

What the plugin brings along for the environment: the pins, and the engine's sources.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Callable, Optional

from msa_model.protocol.messages import PROTOCOL_VERSION
from msa_model.protocol.tables import read_json
from qgis_msa_plugin.plugin_files import PLUGIN_FOLDER, plugin_version, resource
from qgis_msa_plugin.whole_file import write_whole
from qgis_msa_plugin.worker.launch import MARKER, managed_environment, managed_program

PROMPT = "msa_search"  # stands in the environment's pyvenv.cfg, and says whose it is
_OWNER = "made_by_msa_search"  # a file that says so until there is a pyvenv.cfg
_PROMPT_LINES = (f"prompt='{PROMPT}'", f"prompt={PROMPT}")  # as one Python writes it, or the other
_MOST_BYTES = 2**20  # of a marker
_FIXED_LAYOUT = "Scripts" if os.name == "nt" else "bin"


class EnvironmentState(Enum):
    """What is in the folder."""

    ABSENT = "absent"
    UNFINISHED = "unfinished"
    OUTDATED = "outdated"
    READY = "ready"


@dataclass(frozen=True)
class Built:
    """What the marker says: from what the environment was built, and how it was verified."""

    version: str
    fingerprint: str
    python: str = ""
    torch: str = ""
    device: str = ""
    megabytes: int = 0


class Environment:
    """The environment of one QGIS profile."""

    def __init__(self, profile_folder: Path) -> None:
        self.folder = managed_environment(profile_folder)
        self.log = self.folder.parent / "setup.log"
        self.lock = self.folder.parent / "setup.lock"

    @property
    def python(self) -> Path:
        """Its interpreter, whether it exists or not."""
        return self.folder / _FIXED_LAYOUT / ("python.exe" if os.name == "nt" else "python")

    @property
    def program(self) -> Path:
        """The worker's program, whether it exists or not."""
        return managed_program(self.folder, os.name == "nt")

    @property
    def engine(self) -> Path:
        """Where the engine's sources are put together before they are installed."""
        return self.folder / "engine"

    @property
    def cache(self) -> Path:
        """Downloads, kept until the environment is finished, so that a broken set-up can go on."""
        return self.folder / "cache"

    def built(self) -> Optional[Built]:
        """What the marker says; nothing where there is none, or none that can be read."""
        try:
            content = read_json(self.folder / MARKER, _MOST_BYTES)
            names = {field.name for field in dataclasses.fields(Built)}
            return Built(**{name: value for name, value in content.items() if name in names})
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def state(self, fingerprint: str) -> EnvironmentState:
        """What is in the folder, compared with what would be built now."""
        if not os.path.lexists(self.folder):
            return EnvironmentState.ABSENT
        built = self.built()
        if built is None or not self.program.is_file():
            return EnvironmentState.UNFINISHED
        return EnvironmentState.READY if built.fingerprint == fingerprint else EnvironmentState.OUTDATED

    def begin(self) -> None:
        """From here on the environment counts as unfinished; packages that were half written are dropped.

        Raises:
            FileExistsError: something else is in its place.
        """
        self._check_owner()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _OWNER).touch()
        (self.folder / MARKER).unlink(missing_ok=True)
        for package in half_installed(self.folder):
            shutil.rmtree(package)

    def make_temporary(self) -> None:
        """An empty folder for what installers unpack on the way."""
        shutil.rmtree(self.cache / "temporary", ignore_errors=True)
        (self.cache / "temporary").mkdir(parents=True)

    def finish(self, built: Built) -> None:
        """Tidy up, and write the marker."""
        for leftover in (self.cache, self.engine):
            shutil.rmtree(leftover, ignore_errors=True)
        write_whole(self.folder / MARKER, json.dumps(dataclasses.asdict(built), indent=1).encode())

    def remove(self) -> None:
        """Delete the folder; a link in its place goes, but not what it leads to.

        Raises:
            FileExistsError: something else is in its place.
            OSError: a file is in use or protected; what is left counts as unfinished.
        """
        if self.folder.is_symlink():
            self.folder.unlink()
        elif self.folder.exists():
            self._check_owner()
            (self.folder / MARKER).unlink(missing_ok=True)
            (self.folder / _OWNER).touch()  # whatever is left after a failure stays known
            _remove_tree(self.folder)

    def _check_owner(self) -> None:
        if os.path.lexists(self.folder) and not self._is_own():
            text = "MSA Search did not make this folder and leaves it as it is; move it away first"
            raise FileExistsError(errno.EEXIST, text, str(self.folder))

    def _is_own(self) -> bool:
        """Whether the folder says that the plugin made it, or holds nothing yet."""
        if not self.folder.is_dir():
            return False
        if (self.folder / _OWNER).is_file() or self.built() is not None:
            return True
        try:
            configuration = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return not any(names for _, _, names in os.walk(self.folder))
        return any(line.replace(" ", "") in _PROMPT_LINES for line in configuration.splitlines())


def half_installed(environment: Path) -> list[Path]:
    """Records of packages whose installation was broken off: INSTALLER is written after the files."""
    records = [*environment.glob("lib/python*/site-packages/*.dist-info")]
    records += environment.glob("Lib/site-packages/*.dist-info") if os.name == "nt" else []
    names = ("INSTALLER", "RECORD")
    return [record for record in records if not all((record / name).is_file() for name in names)]


def size_of(folder: Path) -> int:
    """Bytes of all files in the folder; takes seconds for an environment."""
    return sum(
        os.lstat(os.path.join(place, name)).st_size for place, _, names in os.walk(folder) for name in names
    )


def _remove_tree(folder: Path) -> None:
    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=_unprotect)
    else:
        shutil.rmtree(folder, onerror=_unprotect)


def _unprotect(
    function: Callable[[str], object],
    path: str,
    reason: object,
) -> None:
    """Windows keeps read-only files: allow, and try once more."""
    error = reason[1] if isinstance(reason, tuple) else reason
    if isinstance(error, FileNotFoundError):
        return
    parent = os.path.dirname(path)
    os.chmod(parent, os.stat(parent).st_mode | stat.S_IRWXU)
    if not os.path.islink(path):
        os.chmod(path, stat.S_IRWXU)
    function(path)


# What the engine's sources consist of, and where they lie in the plugin's folder.
_SOURCES = {
    "msa_model": "_bundled/msa_model",
    "pyproject.toml": "_bundled/pyproject.toml",
    "setup.py": "_bundled/setup.py",
    "README.md": "_bundled/README.md",
    "metadata.txt": "metadata.txt",
    "LICENSE": "LICENSE",
    "resources": "resources",
}
_PINS = ("constraints", "torch", "locked/worker", "locked/text-encoder")


@dataclass(frozen=True)
class SetupFiles:
    """A folder of requirement files, and the engine's sources by their names in its source tree."""

    pins: Path
    sources: dict[str, Path]
    version: str

    def pin(self, name: str) -> str:
        """The path of a requirements file."""
        return str(self.pins / f"{name}.txt")

    def fingerprint(self) -> str:
        """Changes with the plugin's version, with what it speaks with the worker, and with every pin."""
        digest = hashlib.sha256(f"{self.version} {PROTOCOL_VERSION}".encode())
        for name in _PINS:
            digest.update((self.pins / f"{name}.txt").read_bytes())
        return digest.hexdigest()[:16]

    def put_together(self, folder: Path) -> None:
        """Copy the engine's sources to `folder`, as pip wants them."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        left_out = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
        for name, source in self.sources.items():
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=left_out)
            else:
                shutil.copy2(source, folder / name)


def shipped_setup_files() -> SetupFiles:
    """The site of this plugin: staged, or in a checkout."""
    staged = (PLUGIN_FOLDER / "_bundled").is_dir()
    places = {
        name: PLUGIN_FOLDER / place if staged else PLUGIN_FOLDER.parent / name
        for name, place in _SOURCES.items()
    }
    return SetupFiles(resource("requirements"), places, plugin_version())
