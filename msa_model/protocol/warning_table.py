"""Every warning of the engine, by its kind: a sentence with gaps for its values.

The engine tells a kind and values; `msa` words them in English, the plugin in the language of QGIS.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Union

WARNINGS: Mapping[str, str] = {
    # What the model has not learnt
    "pixel_size": (
        "Tiles have pixels of {size:figure} m; the model knows imagery of {finest:figure}–{coarsest:figure}"
        " m, so expect poorer results."
    ),
    "pixel_sizes": (
        "Tiles have pixels of {smallest:figure}–{largest:figure} m; the model knows imagery of "
        "{finest:figure}–{coarsest:figure} m, so expect poorer results."
    ),
    "grey": "The raster is shown in grey; the model was trained on colour images.",
    "one_band": "Only one band is shown; the model was trained on colour images.",
    "text_too_long": "The text is longer than the model reads: '{rest}' plays no part.",
    # What a raster does not tell, and what is taken for it
    "bands_guessed": (
        "The raster does not say which bands are red, green and blue; {bands} are taken for them."
    ),
    "placed_by_points": (
        "The raster is warped to a map as QGIS shows it, by {points:count} ground control points. No hit "
        "lies better."
    ),
    "placed_by_points_to": (
        "The raster is warped to a map as QGIS shows it, by {points:count} ground control points; they fit "
        "to {residual:tenth} pixels. No hit lies better."
    ),
    "placed_by_rpcs": (
        "The raster is warped to a map as QGIS shows it, by RPCs without an elevation model: hills are "
        "displaced, and all of it by the error of the RPCs. No hit lies better."
    ),
    # Pixels without data
    "tiles_skipped": "About {share:percent} of the tiles have too few pixels with data and will be skipped.",
    "edge_without_data": (
        "{share:percent} of the raster count as without data and are skipped: there, the value {value} "
        "reaches in from the edge. If that is picture (snow, say), give the file a mask or an alpha band."
    ),
    "filled_without_data": (
        "{share:percent} of the raster count as without data and are skipped: they hold {value}, far from "
        "all else, as software fills gaps. If that is so, set it as nodata; if not, set another number."
    ),
    "nothing_to_find": "No tile has enough pixels with data, so nothing can be found there.",
    "tiles_with_gaps": (
        "About {share:percent} of the tiles have gaps without data, which may count as ground."
    ),
    # What has changed since it was indexed, what a scan fetches, what could not be read
    "file_changed": (
        "The raster's file has changed since it was indexed: the tiles that the index holds are compared "
        "with it first, and only those that look otherwise are encoded anew."
    ),
    "raster_changed": "The raster has changed since it was indexed: its old index will be replaced.",
    "layer_looks_otherwise": (
        "The layer looks otherwise than when it was indexed: its old index will be replaced."
    ),
    "many_pictures": (
        "About {pictures:count} pictures will be fetched from the layer's server; check that its terms of "
        "use allow that."
    ),
    "phrases_not_read": "Tiles are named by the shipped phrases: {why}",
    # Which engine computes
    "engine_missing": "The engine '{engine}' cannot be used: OpenVINO is not installed.",
    "engine_crashed": "The engine '{engine}' cannot be used: it crashed while it was in use ({how}).",
    "engine_ended": "The engine '{engine}' cannot be used: it ended the process that tried it ({how}).",
    "engine_late": "The engine '{engine}' cannot be used: it did not answer within {seconds:count} seconds.",
    "engine_differs": (
        "The engine '{engine}' cannot be used: its vectors are not torch's here (cosine {cosine:figure})."
    ),
    "engine_unusable": "The engine '{engine}' cannot be used: {why}",
    "engine_for_cpu": "The engine '{engine}' does not run on {device}.",
    "engine_for_own_models": "The engine '{engine}' does not run models of other authors.",
    "runs_on_torch": "The model runs on torch instead.",
    "runs_on": "The model runs on {engine}.",
    # Two dates and many
    "date_unknown_before": "Nothing tells the date before; it can be given.",
    "date_unknown_after": "Nothing tells the date after; it can be given.",
    "dates_unknown": "Nothing tells the date before and after; it can be given.",
    "dates_equal": "Both dates read {date}; give them where that is wrong.",
    "dates_reversed": "'Before' ({before}) is later than 'after' ({after}); what appeared may have vanished.",
    "seasons_differ": (
        "The dates are of different seasons ({before}, {after}): plants and shadows may differ."
    ),
    "colours_differ": "Some dates are shown in grey, others in colour: expect changes that are none.",
    "pixels_differ": (
        "The pixels of one date are {ratio:tenth} times as large: details may seem to come or go."
    ),
    "pixels_coarse": (
        "Pixels of {size:figure} m: little of so large a tile changes, so that the best places may be right"
        " where the verdict finds nothing."
    ),
    "one_date_only": "{tiles:count} tiles lie where only one of the dates has data; they are not compared.",
    "history_too_short": "Histories are compared over {dates:count} dates at least: none is like another.",
    "history_gaps": "{tiles:count} tiles lack one date or more; their history has gaps.",
}


def written(number: float, form: str) -> str:
    """A number in English: `percent` of a share, `count`, one decimal (`tenth`), three digits (`figure`)."""
    spelled = {"percent": "{:.0%}", "count": "{:,.0f}", "tenth": "{:.1f}", "figure": "{:.3g}"}
    return spelled[form].format(number)


@dataclass(frozen=True)
class EngineWarning:
    """A row of the table, and what fills its gaps.

    From left to right, `numbers` fill those with a form, `texts` the rest. `raster` names whose it is, where
    there may be several.
    """

    kind: str
    numbers: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    raster: str = ""

    def __post_init__(self) -> None:
        """Refuse what the table cannot word.

        Raises:
            ValueError: an unknown kind, or values that do not fit it.
        """
        if self.kind not in WARNINGS:
            raise ValueError(f"unknown warning '{self.kind[:80]}'")
        forms = [form for _, form in _gaps(self.kind)]
        if len(self.numbers) != sum(map(bool, forms)) or len(self.texts) != forms.count(""):
            raise ValueError(f"other values than the warning '{self.kind}' has")

    @property
    def sentence(self) -> str:
        """In English."""
        return self.worded(str, written)

    def worded(self, translated: Callable[[str], str], write: Callable[[float, str], str]) -> str:
        """In the language of `translated`, with numbers as `write` forms them."""
        numbers, texts = iter(self.numbers), iter(self.texts)
        values = {name: next(numbers) if form else next(texts) for name, form in _gaps(self.kind)}
        text = _Gaps(write).vformat(translated(WARNINGS[self.kind]), (), values)
        return f"{self.raster}: {text}" if self.raster else text


def sentences_of(warnings: Iterable[EngineWarning]) -> str:
    """In English, one after the other."""
    return " ".join(warning.sentence for warning in warnings)


class _Gaps(string.Formatter):
    def __init__(self, write: Callable[[float, str], str]) -> None:
        self._write = write

    def format_field(self, value: Union[float, str], form: str) -> str:
        return value if isinstance(value, str) else self._write(value, form)


def _gaps(kind: str) -> list[tuple[str, str]]:
    """Names and forms of a sentence's gaps."""
    parts = string.Formatter().parse(WARNINGS[kind])
    return [(name, form or "") for _, name, form, _ in parts if name]
