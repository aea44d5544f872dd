"""Where an index lives: beside its raster, or in the cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path

from msa_model.protocol.errors import IndexFolderReadOnly
from msa_model.protocol.redaction import without_secrets
from msa_model.raster.handles import is_plain_path

_NETWORK_FILE_SYSTEMS = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "fuse.sshfs",
    "davfs",
)
_LONGEST_NAME = 100
_ANY_WRITE_BIT = 0o222
_DRIVE_REMOTE = 4  # GetDriveTypeW


def default_index_path(raster_path: str, model_sha256: str, cache_folder: str | None) -> Path:
    """The one place for a raster's index under a model.

    Beside the raster where that is a local folder one may write to (SQLite's locks and write-ahead log do not
    work over a network), else in `cache_folder` (the user's own when None).
    """
    suffix = f".msa-{model_sha256[:8]}.gpkg"
    path = Path(without_secrets(raster_path)).absolute()
    if is_plain_path(raster_path) and is_writable(path.parent) and is_local(path.parent):
        return path.with_name(path.name + suffix)
    place = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    name = re.sub(r"[^\w.-]", "_", path.name)[-_LONGEST_NAME:]
    return Path(cache_folder or user_cache_folder()) / f"{place}-{name}{suffix}"


def user_cache_folder() -> Path:
    """This user's folder for files that can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return Path(base) / "msa-search"


def is_writable(folder: Path) -> bool:
    """Whether a file can, and may, be made in an existing folder; tried, since permissions do not tell all.

    A folder that nobody has leave to write to is left alone even by root, who could.
    """
    if os.name == "posix" and folder.is_dir() and not folder.stat().st_mode & _ANY_WRITE_BIT:
        return False
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def make_folder(folder: Path) -> None:
    """Make the folder and those above it.

    Raises:
        IndexFolderReadOnly: they cannot be made, or not written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexFolderReadOnly(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not is_writable(folder):
        raise IndexFolderReadOnly(f"The folder {folder} cannot be written to.")


def is_local(folder: Path) -> bool:
    """Whether a folder is on this machine's own disks, as far as the system tells."""
    if sys.platform == "win32":
        return not _is_remote_drive(str(folder))
    mounts = Path("/proc/mounts")
    return not mounts.exists() or not _file_system(folder, mounts.read_text()).startswith(
        _NETWORK_FILE_SYSTEMS
    )


def _is_remote_drive(folder: str) -> bool:
    import ctypes  # noqa: PLC0415  (Windows only)

    windll = getattr(ctypes, "windll", None)
    drive = os.path.splitdrive(folder)[0]
    return drive.startswith("\\\\") or (
        windll is not None and windll.kernel32.GetDriveTypeW(drive + "\\") == _DRIVE_REMOTE
    )


def _file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds `folder`, of a table as in /proc/mounts."""
    table = [line.split()[1:3] for line in mounts.splitlines()]
    holding = [
        (len(point), kind)
        for point, kind in ((point.replace("\\040", " "), kind) for point, kind in table)
        if folder.resolve().is_relative_to(point)
    ]
    return max(holding, default=(0, ""))[1]
