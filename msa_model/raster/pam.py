"""GDAL's file beside a raster ('.aux.xml'), for a CRS that the raster's own format does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from pyproj import CRS

_OURS = "<!-- msa-search"
_HEAD = 100  # bytes


def beside(path: Path) -> Path:
    """Where GDAL looks for it."""
    return path.with_name(f"{path.name}.aux.xml")


def pam_of_crs(crs: str) -> str:
    """The file's text for a CRS given in any form that PROJ knows."""
    known = CRS.from_user_input(crs)
    axes = known.axis_info
    north_first = bool(axes) and axes[0].direction.lower() in ("north", "south")
    return pam_text(known.to_wkt(), (2, 1) if north_first else (1, 2))


def pam_text(wkt: str, axes: Sequence[int]) -> str:
    """The file's text; `axes` tells which of the CRS's axes a raster's x and y are, from 1."""
    mapping = ",".join(str(axis) for axis in axes)
    told = f'<SRS dataAxisToSRSAxisMapping="{mapping}">{escape(wkt, quote=False)}</SRS>'
    return f"<PAMDataset>\n  {_OURS} -->\n  {told}\n</PAMDataset>\n"


def is_pam(path: Path) -> bool:
    """Whether GDAL, or this program, wrote it."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(_HEAD).lstrip().startswith(b"<PAMDataset")


def is_own_pam(path: Path) -> bool:
    """Whether this program wrote it."""
    return path.is_file() and _OURS in path.read_text(encoding="utf-8", errors="replace")
