"""Two dates of one place, and many: when layers were taken, and what is scanned of the later ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Callable, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from msa_model.protocol import methods
from msa_model.protocol.change_forms import LIKE
from msa_model.protocol.changing import (
    ChangeHereReply,
    ChangeHereRequest,
    ChangeReply,
    DatesReply,
    DatesRequest,
    PairReply,
    PairRequest,
)
from msa_model.protocol.errors import BadArgument, MsaError
from msa_model.protocol.messages import RasterRef
from msa_model.protocol.query import parse_change, parse_query
from qgis_msa_plugin.gis.geometry import crs_text, polygon_of
from qgis_msa_plugin.gis.hit_form import date_of_layer
from qgis_msa_plugin.gis.raster_source import raster_ref
from qgis_msa_plugin.logs import log_warning
from qgis_msa_plugin.search.permitted_sources import check_indexes
from qgis_msa_plugin.search.question import Dates, Question, Results
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.target import Target
from qgis_msa_plugin.translate import interface_language, tr
from qgis_msa_plugin.worker.client import WorkerClient
from qgis_msa_plugin.worker.newest import NewestCall

LIKE_THIS = "like this change"
_PHRASES = 3  # that gained, and that lost
_SHOWN = 40  # characters of a date that cannot be read


class Comparing(QObject):
    """Makes questions about two dates and many; keeps `told_dates` of the state."""

    def __init__(self, client: WorkerClient, state: SearchState, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._question, self._dates, self._here = NewestCall(client), NewestCall(client), NewestCall(client)
        self._told_of: Optional[ChangeReply] = None
        state.results_changed.connect(self._on_results)

    def ask(
        self, text: str, dates: Dates, targets: Sequence[Target], then: Callable[[Question], None]
    ) -> None:
        """Make the question of these words, and `then` do something with it.

        Raises:
            QueryEmpty, QueryNotUnderstood: the words.
            BadArgument: there are not two layers, or no place of a change like those sought.
        """
        text = " ".join(text.split())
        if dates.many:
            self._ask_series(text, dates, targets, then)
            return
        if parse_change(text).kind == LIKE and dates.point is None:
            raise BadArgument(
                tr("Choose a place that changed in the list first, and there “Find places like this”.")
            )
        if len({target.layer_id for target in targets}) != 2:  # noqa: PLR2004  (before and after)
            raise BadArgument(tr("Before and after must be two layers of one place."))
        self._state.searching = True
        self._lay_over(Question(text, layers=tuple(targets), dates=dates), 1, then)

    def pass_on(self, question: Question, then: Callable[[Question], None]) -> None:
        """Do something with a question that somebody else has made, laid over first where it has dates."""
        if question.dates is None:
            then(question)
            return
        try:
            self.ask(question.text, question.dates, question.layers, then)
        except MsaError as error:
            self._state.fail(error)

    def like(self, rank: int) -> Optional[Question]:
        """The question for places that went as the hit of that rank did; nothing where there is none."""
        results = self._state.results
        hit = results.hit(rank) if results is not None else None
        if results is None or hit is None or results.question.dates is None:
            return None
        middle = polygon_of(hit.ring).centroid().asPoint()
        point, dates = (middle.x(), middle.y()), results.question.dates
        dates = dataclasses.replace(dates, point=point, point_crs=hit.crs, factor=hit.factor)
        text = results.question.text if results.question.is_series else LIKE_THIS
        return dataclasses.replace(results.question, text=text, dates=dates)

    def tell_dates(self, layers: Sequence[QgsRasterLayer]) -> None:
        """Have the state tell when these layers were taken: by temporal properties, or by file or name."""
        told = {layer.id(): date_of_layer(layer) for layer in layers}
        known = {layer_id: date for layer_id, date in told.items() if date}
        self._state.told_dates = MappingProxyType({**told, **self._state.told_dates, **known})
        unknown = [layer for layer in layers if not told[layer.id()]]
        if unknown:
            ids = [layer.id() for layer in unknown]
            request = DatesRequest(tuple(map(_path_of, unknown)), tuple(layer.name() for layer in unknown))
            self._dates.ask(
                methods.CHANGE_DATES,
                request,
                lambda reply, _: self._take_dates(ids, reply),
                lambda error: log_warning(error.sentence),
            )

    def tell_here(self, point: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> None:
        """Have the state tell what changed at a place between the dates that are listed.

        Raises:
            BadArgument: no two dates are.
            not_of_project: the worker has not named their indexes yet.
        """
        change = self._state.results.change if self._state.results is not None else None
        if change is None:
            raise BadArgument(tr("Compare two dates first; then a click tells what changed at a place."))
        before, after = (index.index for index in change.indexes)
        check_indexes((before, after), self._state.indexes)
        where, language = (point.x(), point.y()), interface_language()
        self._told_of = change
        self._here.ask(
            methods.CHANGE_HERE,
            ChangeHereRequest(before, after, where, crs_text(crs), _PHRASES, language),
            lambda reply, _: self._take_here(reply),
            self._state.fail,
        )

    def forget(self) -> None:
        """The question counts no more."""
        self._question.ignore()

    def release(self) -> None:
        """Ask for nothing any more."""
        self.forget()
        self._dates.ignore()
        self._here.ignore()

    def _ask_series(
        self, text: str, dates: Dates, targets: Sequence[Target], then: Callable[[Question], None]
    ) -> None:
        """Of the layers by rising date, on the pixels of the earliest; what is wrong shows before a scan."""
        parse_query(text)
        if len(targets) < 2 or len(targets) != len(dates.many):  # noqa: PLR2004  (a series)
            raise BadArgument(tr("A series needs at least two layers of one place: tick them in the list."))
        sources = tuple(date or _source_of(target) for date, target in zip(dates.many, targets))
        names = tuple(date or target.title for date, target in zip(dates.many, targets))
        self._state.searching = True
        self._question.ask(
            methods.CHANGE_DATES,
            DatesRequest(sources, names),
            lambda reply, _: self._begin_series(
                Question(text, layers=tuple(targets), dates=dates), reply, then
            ),
            self._state.fail,
        )

    def _begin_series(self, question: Question, reply: DatesReply, then: Callable[[Question], None]) -> None:
        try:
            question = in_order(question, reply.dates)
        except MsaError as error:
            self._state.fail(error)
            return
        self._lay_over(question, 1, then)

    def _lay_over(self, question: Question, at: int, then: Callable[[Question], None]) -> None:
        """Have each raster from that position on read on the pixels of the first, one after the other."""
        if at == len(question.layers):
            then(question)
            return
        first, later = (question.layers[position].request.raster for position in (0, at))
        self._question.ask(
            methods.CHANGE_PAIR,
            PairRequest(first, later),
            lambda reply, _: self._lay_over(_paired(question, at, reply), at + 1, then),
            self._state.fail,
        )

    def _take_here(self, reply: ChangeHereReply) -> None:
        self._state.changed_here = reply

    def _on_results(self, results: Optional[Results]) -> None:
        """What was told of other dates counts no more."""
        if results is None or results.change is not self._told_of:
            self._here.ignore()
            self._state.changed_here = None

    def _take_dates(self, ids: Sequence[str], reply: DatesReply) -> None:
        self._state.told_dates = MappingProxyType({**self._state.told_dates, **dict(zip(ids, reply.dates))})


def in_order(question: Question, told: Sequence[str]) -> Question:
    """A question about a series, its layers by rising date, as typed or as told.

    Raises:
        date_unclear: a date that is unknown, that cannot be read, or that stands twice.
    """
    dated: dict[str, Target] = {}
    typed = question.dates.many if question.dates is not None else ()
    for target, date, read in zip(question.layers, typed, told):
        if not read or (date and date != read):
            raise MsaError.of("date_unclear", _unclear(target.title, date))
        if read in dated:
            text = tr("'{first}' and '{second}' both have the date {date}.")
            names = {"first": dated[read].title, "second": target.title}
            raise MsaError.of("date_unclear", text.format(**names, date=read))
        dated[read] = target
    order = sorted(dated)
    dates = dataclasses.replace(question.dates or Dates(), many=tuple(order))
    return dataclasses.replace(question, layers=tuple(dated[date] for date in order), dates=dates)


def _unclear(title: str, date: str) -> str:
    if not date:
        return tr("Nothing tells the date of '{name}'.").format(name=title)
    text = tr("The date of '{name}' must read like 2020, 2020-08 or 2020-08-31, not '{date}'.")
    return text.format(name=title, date=date[:_SHOWN])


def _paired(question: Question, at: int, reply: PairReply) -> Question:
    """The question, with the raster in that position as it is to be scanned."""
    layers = list(question.layers)
    request = dataclasses.replace(layers[at].request, raster=reply.after, index=reply.index or None)
    layers[at] = dataclasses.replace(layers[at], request=request)
    return dataclasses.replace(question, layers=tuple(layers))


def dates_again(question: Question, layers: Sequence[str]) -> Dates:
    """The dates of a question for these layers, by their ids, in whatever order they are chosen now."""
    dates = question.dates or Dates()
    known = dict(zip((target.layer_id for target in question.layers), dates.many))
    return dataclasses.replace(dates, many=tuple(known.get(layer, "") for layer in layers if dates.many))


def _source_of(target: Target) -> str:
    """The raster's file; of a drawn layer its title, which alone can tell a date."""
    raster = target.request.raster
    return raster.path if isinstance(raster, RasterRef) else target.title


def _path_of(layer: QgsRasterLayer) -> str:
    """The layer's file; of another layer its name, which alone can tell a date."""
    try:
        return raster_ref(layer).path
    except MsaError:
        return Path(layer.name()).name
