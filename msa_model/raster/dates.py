"""When a raster was taken, as far as its metadata or its name tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import rasterio

from msa_model.protocol.errors import MsaError
from msa_model.raster.environment import GDAL_OPTIONS
from msa_model.raster.handles import open_dataset

_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_DAY = re.compile(r"(?<!\d)(\d{4})[-_.:]?(\d\d)[-_.:]?(\d\d)(?!\d)", re.ASCII)
_TIME = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)T?\d{6}(?!\d)", re.ASCII)
_MONTH = re.compile(r"(?<!\d)(\d{4})[-_.](\d\d)(?!\d)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_TAKEN = ("ACQUISITIONDATETIME", "ACQUISITION_DATE", "ACQUISITIONDATE", "DATE_ACQUIRED", "DATETIME", "DATE")
_LATER = ("TIFFTAG_DATETIME",)  # often when the file was made, not the picture
_MOST_BYTES = 10_000_000


def date_of(path: str) -> str:
    """When the raster at `path` was taken: '2010-06-29', '2010-06' or '2010'; empty where nothing tells.

    A STAC item beside the file counts before its acquisition tags, these before its name, and the TIFF's own
    date comes last. A VRT that tells nothing itself is as old as the first of its files that does.
    """
    try:
        with rasterio.Env(**GDAL_OPTIONS), open_dataset(path) as dataset:
            tags, files = dataset.tags() | dataset.tags(ns="IMAGERY"), list(dataset.files)
    except MsaError:
        tags, files = {}, []
    named = {str(name).upper(): str(value) for name, value in tags.items()}
    return next(filter(None, _told([path, *files[1:]], named)), "")


def _told(files: Sequence[str], tags: Mapping[str, str]) -> Iterator[str]:
    for file in files:
        yield _of_item(Path(file))
    yield from (date_in(tags.get(name, "")) for name in _TAKEN)
    yield from (date_in(Path(file).stem) for file in files)
    yield from (date_in(tags.get(name, "")) for name in _LATER)


def _of_item(raster: Path) -> str:
    """The date of the STAC item beside a raster: its time, or when its interval begins."""
    try:
        file = raster.with_suffix(".json")
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return ""
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        properties = found["properties"]
        return date_in(str(properties.get("datetime") or properties.get("start_datetime") or ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def date_in(text: str) -> str:
    """The last date that a text holds, to the day where it tells it, else to the month or year."""
    for pattern in (_TIME, _DAY, _MONTH, _YEAR):
        found = [made for match in pattern.finditer(text) if (made := _iso(*match.groups()))]
        if found:
            return found[-1]
    return ""


def checked_date(text: str, what: str) -> str:
    """A date that a user gave, as it is.

    Raises:
        date_unclear: it is none.
    """
    match = _ISO.fullmatch(text.strip())
    if text.strip() and (match is None or not _iso(*filter(None, match.groups()))):
        raise MsaError.of(
            "date_unclear", f"{what} must read like 2020, 2020-08 or 2020-08-31, not '{text[:40]}'."
        )
    return text.strip()


def year_of(iso: str) -> float:
    """A date as years and their fraction; of a whole year or month, its middle."""
    year, month, day = ([int(part) for part in iso.split("-")] + [0, 0])[:3]
    if not month:
        return year + 0.5
    made = date(year, month, day or 15)
    return year + (made.timetuple().tm_yday - 1) / 365.25


def month_of(iso: str) -> int | None:
    """1 … 12, where a date tells it."""
    parts = iso.split("-")
    return int(parts[1]) if len(parts) > 1 else None


def _iso(year: str, month: str = "", day: str = "") -> str:
    """Empty where there is no such day."""
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return ""
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(filter(None, (year, month, day)))
