"""Contact sheets: queries and the images they find first, as one picture to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from msa_model.files.replacing import check_replaceable, replacing
from msa_model.measure.dataset import DatasetImage, read_pixels
from msa_model.measure.evaluation import TileTextEncoder, encode_images
from msa_model.measure.metrics import first
from msa_model.protocol.errors import BadArgument

PICTURES = 10
_SIDE, _GAP, _FRAME, _LINE = 144, 8, 4, 18
RIGHT, WRONG, _UNKNOWN = (30, 150, 60), (205, 50, 45), (190, 190, 190)
_MARK = "MSA_SEARCH"
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "segoeui.ttf", "Arial.ttf")
_WIDE_FONTS = ("NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "msyh.ttc", "PingFang.ttc")
_WIDE = 0x2E80  # the first Chinese, Japanese or Korean letter
INK, PAPER, _FAINT = (20, 20, 20), (255, 255, 255), (110, 110, 110)


def contact_sheet(
    encoder: TileTextEncoder,
    rows: Sequence[DatasetImage],
    queries: Sequence[str],
    phrases: Mapping[str, Sequence[str]],
) -> Image.Image:
    """A line a query: its text, and the first ten images with rank, score and class.

    A query that is one of the `phrases` of a class has its right images framed green and the others red.

    Raises:
        DatasetUnreadable: an image cannot be decoded.
    """
    images = encode_images(encoder, [row.path for row in rows])
    scores = images @ encoder.encode_texts(queries).T  # [n, queries]
    width = _GAP + PICTURES * (_SIDE + _GAP)
    height = 2 * _LINE + _SIDE + 2 * _GAP
    sheet = Image.new("RGB", (width, height * len(queries) + _GAP), PAPER)
    for i, query in enumerate(queries):
        wanted = _classes_of(query, phrases) & {row.label for row in rows}
        best = first(scores[:, i], PICTURES).tolist()
        hits = [_Hit(rows[n], float(scores[n, i]), _colour(rows[n].label, wanted)) for n in best]
        known = f"   {sum(hit.colour == RIGHT for hit in hits)} of {len(hits)} right" if wanted else ""
        _draw_line(sheet, i * height + _GAP, f"“{query}”{known}", hits)
    return sheet


def check_picture(path: Path) -> None:
    """Whether a picture may be written, before any work is done for it.

    Raises:
        BadArgument: its name does not end in .png.
        FileNotOurs: the file is another picture or something else, or was changed.
        folder_read_only: its folder cannot be written to.
    """
    if path.suffix.lower() != ".png":
        raise BadArgument(f"{path} must end in .png.")
    check_replaceable(path, is_own_picture)


def write_picture(path: Path, picture: Image.Image) -> None:
    """Write a PNG in place of an older one of ours.

    Raises:
        FileNotOurs, folder_read_only, DiskFull, storage_failed: it cannot be written.
    """
    marks = PngImagePlugin.PngInfo()
    marks.add_text(_MARK, _digest(picture))
    with replacing(path, is_own_picture) as part:
        picture.save(part, "PNG", pnginfo=marks)


def is_own_picture(path: Path) -> bool:
    """Whether `write_picture` wrote the file, and its pixels are as they were."""
    try:
        with Image.open(path, formats=("PNG",)) as found:
            found.load()
            return found.info.get(_MARK) == _digest(found)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _digest(picture: Image.Image) -> str:
    return hashlib.sha256(repr((picture.mode, picture.size)).encode() + picture.tobytes()).hexdigest()


@dataclass(frozen=True)
class _Hit:
    row: DatasetImage
    score: float
    colour: tuple[int, int, int]


def _colour(label: str, wanted: set[str]) -> tuple[int, int, int]:
    if not wanted:
        return _UNKNOWN
    return RIGHT if label in wanted else WRONG


def _classes_of(query: str, phrases: Mapping[str, Sequence[str]]) -> set[str]:
    asked = query.casefold().strip()
    return {label for label, own in phrases.items() if asked in {phrase.casefold() for phrase in own}}


def _draw_line(sheet: Image.Image, top: int, title: str, hits: Sequence[_Hit]) -> None:
    draw = ImageDraw.Draw(sheet)
    write(draw, (_GAP, top), title, 14)
    for rank, hit in enumerate(hits):
        left, upper = _GAP + rank * (_SIDE + _GAP), top + _LINE
        draw.rectangle((left, upper, left + _SIDE - 1, upper + _SIDE - 1), fill=hit.colour)
        sheet.paste(_thumbnail(hit.row), (left + _FRAME, upper + _FRAME))
        name = f"{rank + 1}  {hit.score:.2f}  {hit.row.label or hit.row.path.stem}"
        caption = cut(name, draw, _SIDE, 11)
        write(draw, (left, upper + _SIDE + 1), caption, 11, colour=_FAINT)


def _thumbnail(row: DatasetImage) -> Image.Image:
    side = _SIDE - 2 * _FRAME
    return Image.fromarray(read_pixels(row.path)).resize((side, side), Image.Resampling.LANCZOS)


def cut(text: str, draw: ImageDraw.ImageDraw, width: int, size: int) -> str:
    """The beginning of a text that is no wider than `width` px in letters of `size`."""
    while draw.textlength(text, _font(size, text)) > width:
        text = text[:-1]
    return text


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    *,
    colour: tuple[int, int, int] = INK,
    anchor: str | None = None,
) -> None:
    """A line of text in letters of `size` px, as all pictures have it; `anchor` as in Pillow."""
    draw.text(place, text, colour, _font(size, text), anchor)


def _font(size: int, text: str) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """One of so many px that has the letters of `text`, if the system has such a font."""
    if text.isascii():
        return _loaded(size, ())
    return _loaded(size, _WIDE_FONTS if any(ord(letter) >= _WIDE for letter in text) else _FONTS)


@cache
def _loaded(size: int, names: tuple[str, ...]) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """The first of the fonts that the system has, else Pillow's own, which has ASCII alone."""
    for name in names:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)
