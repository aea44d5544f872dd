"""Descriptions in words: for the panel, the clipboard and attribute tables.

What changed at a place, as a sentence made of phrases: it cannot invent anything.
What is to be described: around a point, in a box, or in a polygon.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsRectangle

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.describing import (
    DescribeReply,
    DescribeRequest,
    Keyword,
    Phrase,
    shown,
)
from msa_model.protocol.messages import Aoi, Source
from qgis_msa_plugin.gis.geometry import aoi_of, crs_text
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_text


@dataclass(frozen=True)
class FeatureRef:
    """A feature of a layer of the project."""

    layer_id: str
    feature_id: int


@dataclass(frozen=True)
class DescribedGeometry:
    """One of point, box and polygon, in `crs`; `feature` is the one that the polygon is of."""

    crs: QgsCoordinateReferenceSystem
    point: Optional[QgsPointXY] = None
    box: Optional[QgsRectangle] = None
    polygon: Optional[QgsGeometry] = None
    feature: Optional[FeatureRef] = None

    @property
    def sized(self) -> bool:
        """Whether the spot itself says how large it is."""
        return self.point is None

    def area(self) -> Aoi:
        """Where it is."""
        if self.point is not None:
            return Aoi(f"POINT ({self.point.x()} {self.point.y()})", crs_text(self.crs))
        shape = QgsGeometry.fromRect(self.box) if self.box is not None else self.polygon
        return aoi_of(shape or QgsGeometry(), self.crs)

    def request(self, raster: Source, scale_m: Optional[float], phrases: Optional[str]) -> DescribeRequest:
        """The request for it."""
        box = self.box
        return DescribeRequest(
            raster=raster,
            crs=crs_text(self.crs),
            point=(self.point.x(), self.point.y()) if self.point is not None else None,
            bounds=(box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()) if box else None,
            polygon=self.polygon.asWkt() if self.polygon is not None else None,
            scale_m=None if self.sized else scale_m,
            phrases=phrases,
            every_scale=True,
            language=interface_language(),
        )


@dataclass(frozen=True)
class Description:
    """What the worker says of a place on the layer `title`; `sized`: the place says how large it is."""

    title: str
    reply: DescribeReply
    sized: bool = True


def is_flat(box: QgsRectangle) -> bool:
    """Whether a box has no area that could be described."""
    return not all(math.isfinite(side) and side > 0 for side in (box.width(), box.height()))


_WHOLE = 0.995
_FIELD_PHRASES = 3
_SHOWN_KEYWORDS = 8


def title(description: Description) -> str:
    """What was looked at, in one line."""
    reply = description.reply
    text = tr("{side} of '{layer}':").format(side=wording.metres(reply.scale_m), layer=description.title)
    if not reply.calibrated:
        text += " " + not_calibrated()
    if reply.valid < _WHOLE:
        text += " " + tr("(only {share} % has pixels)").format(share=round(100 * reply.valid))
    return text


def keyword_line(keywords: Sequence[Keyword]) -> str:
    """The weightiest keywords, those that matter most first."""
    ordered = sorted(keywords, key=lambda keyword: -keyword.weight)[:_SHOWN_KEYWORDS]
    return ", ".join(keyword.word for keyword in ordered)


def field_text(phrases: Sequence[Phrase], most: int = _FIELD_PHRASES) -> str:
    """The best phrases as they go into a field."""
    return "; ".join(phrase.phrase for phrase in phrases[:most])


def copy_text(description: Description) -> str:
    """All of it as plain text."""
    reply = description.reply
    lines = [title(description)]
    if reply.keywords:
        lines.append(tr("Keywords: {words}").format(words=keyword_line(reply.keywords)))
    for heading, phrases in sections(description):
        lines += ["", heading] if heading else []
        lines += [f"{phrase.phrase} ({match_text(phrase.match)})" for phrase in phrases] or [no_phrase()]
    return "\n".join(lines)


def sections(description: Description) -> list[tuple[str, tuple[Phrase, ...]]]:
    """Phrases that match, under headings, a scale each; under none where there is but one."""
    reply = description.reply
    if len(reply.scales) < (2 if description.sized else 1):
        return [("", told(reply.phrases, reply.calibrated))]
    first = tr("All of it") if description.sized else _heading(reply.scale_m)
    found = [(first, told(reply.phrases, reply.calibrated))]
    for scale in reply.scales:
        heading = _heading(scale.scale_m)
        if scale.windows > 1:
            heading += " · " + tr("mean of {n} windows").format(n=wording.count(scale.windows))
        found.append((heading, told(scale.phrases, reply.calibrated)))
    return found


def told(phrases: tuple[Phrase, ...], calibrated: bool) -> tuple[Phrase, ...]:
    """Those that match; of a model that is not calibrated all, as guesses."""
    return shown(phrases) if calibrated else phrases


def no_phrase() -> str:
    """Said where no phrase matches."""
    return tr("No phrase fits.")


def not_calibrated() -> str:
    """Said of a model whose phrases are guesses."""
    return tr("This model is not calibrated for descriptions: the nearest phrases, fitting or not.")


def _heading(scale_m: float) -> str:
    return tr("At {side}").format(side=wording.metres(scale_m))


def change_sentence(reply: ChangeHereReply) -> str:
    """From what to what, or that nothing stands out."""
    if reply.changed:
        return tr("From {was} to {now}.").format(was=reply.was, now=reply.now)
    return tr("No change stands out here: {now}.").format(now=reply.now)


def change_phrases(reply: ChangeHereReply) -> str:
    """The phrases that gained and those that lost, with how much, in deviations of unchanged ground."""
    gained, lost = tr("Gained: {phrases}"), tr("Lost: {phrases}")
    return "\n".join((gained.format(phrases=_listed(reply.gained)), lost.format(phrases=_listed(reply.lost))))


def _listed(phrases: Sequence[Phrase]) -> str:
    return ", ".join(f"{phrase.phrase} ({wording.decimal(phrase.score, 1)})" for phrase in phrases)
