"""Where indexes lie: beside rasters, in the cache folder, or wherever a raster's content was indexed."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from contextlib import closing
from pathlib import Path

from msa_model.files.folders import is_open_to_us, user_cache_folder
from msa_model.index.database import connect_for_reading, connect_to_table, storing, transaction
from msa_model.index.lock import SUFFIX as LOCK_SUFFIX
from msa_model.protocol.errors import MsaError
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
_SUFFIX = ".gpkg"
# Of 255 bytes that file systems allow; the index's ending and that of the lock beside it take the rest.
_LONGEST_STEM = 255 - len(".msa-01234567.gpkg") - len(LOCK_SUFFIX)
_DRIVE_REMOTE = 4  # GetDriveTypeW


def default_index_path(raster_path: str, model_sha256: str, cache_folder: str | None) -> Path:
    """The one place for a raster's index under a model.

    Beside the raster where that is a local folder one may write to (SQLite's locks and write-ahead log do not
    work over a network), else in `cache_folder` (the user's own when None).
    """
    suffix = f".msa-{model_sha256[:8]}{_SUFFIX}"
    path = Path(without_secrets(raster_path)).absolute()
    if is_plain_path(raster_path) and is_local(path.parent) and is_open_to_us(path.parent):
        return path.with_name(index_stem(path.name) + suffix)
    place = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    name = _cut(re.sub(r"[^\w.-]", "_", path.name)[-_LONGEST_NAME:], _LONGEST_STEM - len(place) - 1)
    return Path(cache_folder or user_cache_folder()) / f"{place}-{name}{suffix}"


def index_stem(name: str) -> str:
    """What an index's name beside a raster begins with: the raster's, cut where it is too long."""
    if len(os.fsencode(name)) <= _LONGEST_STEM:
        return name
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    return f"{_cut(name, _LONGEST_STEM - len(digest) - 1)}~{digest}"


def _cut(name: str, most: int) -> str:
    """The beginning of a name that has at most `most` bytes."""
    while len(os.fsencode(name)) > most:
        name = name[:-1]
    return name


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


_log = logging.getLogger(__name__)

NAME = "indexes.sqlite"
_TABLE = "indexes"
_COLUMNS = "(path TEXT PRIMARY KEY, raster TEXT NOT NULL, fingerprint TEXT NOT NULL, model TEXT NOT NULL)"
_WAIT_S = 2.0
_MOST_ROWS = 4096


class Catalogue:
    """The one of a cache folder (the user's own when None); what cannot be read or written is as if empty."""

    def __init__(self, cache_folder: str | None) -> None:
        self._path = Path(cache_folder or user_cache_folder()) / NAME

    def keep(self, path: Path, raster: str, fingerprint: str, model_sha256: str) -> None:
        """Note that the index at `path` belongs to the raster of that content, which lies at `raster` now."""
        row = (os.path.abspath(path), raster, fingerprint, model_sha256)
        if row in self._rows("SELECT * FROM indexes WHERE path = ?", row[0]):
            return
        try:
            connected = closing(connect_to_table(self._path, _TABLE, _COLUMNS, _WAIT_S))
            with connected as connection, transaction(connection, self._path):
                connection.execute("INSERT OR REPLACE INTO indexes VALUES (?, ?, ?, ?)", row)
        except (MsaError, OSError) as error:
            _log.info("The catalogue of indexes cannot be written: %s", error)

    def at(self, raster: str, model_sha256: str) -> tuple[Path, ...]:
        """The indexes noted for the raster at that place."""
        rows = self._rows("SELECT path FROM indexes WHERE raster = ? AND model = ?", raster, model_sha256)
        return tuple(Path(path) for (path,) in rows)

    def of(self, fingerprint: str, model_sha256: str) -> tuple[Path, ...]:
        """The indexes noted for rasters of that content."""
        rows = self._rows(
            "SELECT path FROM indexes WHERE fingerprint = ? AND model = ?", fingerprint, model_sha256
        )
        return tuple(Path(path) for (path,) in rows)

    def _rows(self, query: str, *values: str) -> list[tuple[str, ...]]:
        """At most some thousands; those with something else than texts are passed over."""
        if not self._path.is_file():
            return []
        try:
            with closing(connect_for_reading(self._path)) as connection, storing(self._path):
                found = connection.execute(f"{query} LIMIT {_MOST_ROWS}", values).fetchall()
                return [row for row in found if all(isinstance(value, str) for value in row)]
        except (MsaError, OSError) as error:
            _log.info("The catalogue of indexes cannot be read: %s", error)
            return []
