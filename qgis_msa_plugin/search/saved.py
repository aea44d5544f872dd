"""What is kept of searches: by name and as judged places in the project, to whose work they belong.

The queries asked lately are in the profile: they are the analyst's and not the project's.
"""

from __future__ import annotations

import json

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import MsaError, ProtocolError
from qgis_msa_plugin.checked import UNREADABLE, listed, made, parsed
from qgis_msa_plugin.search.judged import Judged, JudgedPlace
from qgis_msa_plugin.search.kept_answer import LIMITS, few_crss
from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.stored import Json, read_saved, saved_text
from qgis_msa_plugin.settings import PREFIX
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.observed import NoticeLevel

SCOPE = "msa_search"
KEY = "/saved"
UNREADABLE_KEY = "/saved_unreadable"


class SavedSearches(QObject):
    """Keeps `saved` of the state in step with the project that is open."""

    def __init__(self, state: SearchState, project: QgsProject, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._project = state, project
        self._others: tuple[
            Json, ...
        ] = ()  # what another version has saved, or nobody can read: kept as it is
        project.readProject.connect(self._read)
        project.cleared.connect(self._read)
        self._read()

    def keep(self, search: SavedSearch) -> None:
        """Save a search; one of the same name is replaced."""
        others = tuple(saved for saved in self._state.saved if saved.name != search.name)
        self._write(tuple(sorted((*others, search), key=lambda saved: saved.name.casefold())))

    def remove(self, name: str) -> None:
        """Forget the search of that name."""
        self._write(tuple(saved for saved in self._state.saved if saved.name != name))

    def release(self) -> None:
        """Follow the project no more."""
        self._project.readProject.disconnect(self._read)
        self._project.cleared.disconnect(self._read)

    def _write(self, saved: tuple[SavedSearch, ...]) -> None:
        if self._unreadable:
            self._project.writeEntry(SCOPE, UNREADABLE_KEY, self._unreadable)
        if saved or self._others:
            self._project.writeEntry(SCOPE, KEY, saved_text(saved, self._others))
        else:
            self._project.removeEntry(SCOPE, KEY)
        self._state.saved = saved

    def _read(self, *_: object) -> None:
        self._others, self._unreadable = (), ""
        text = self._project.readEntry(SCOPE, KEY, "[]")[0]
        try:
            self._state.saved, self._others = read_saved(text)
        except ProtocolError as error:
            self._state.saved = ()
            self._unreadable = text
            self._state.say(NoticeLevel.INFO, error.sentence)
        if self._others:
            text = tr("Searches saved in the project that cannot be read, and were left out: {n}")
            self._state.say(NoticeLevel.INFO, text.format(n=len(self._others)))


_JUDGED_KEY = "/judged_places"
_OTHERS_KEY = "/judged_places_unreadable"
_MOST_PLACES = 100_000
_MOST_TEXT = 100_000_000


class JudgedStore:
    """Keeps `places` of the state in step with the project that is open."""

    def __init__(self, state: SearchState, project: QgsProject) -> None:
        self._state, self._project = state, project
        self._read_last: Judged = ()
        project.readProject.connect(self._read)
        project.cleared.connect(self._read)
        state.places_changed.connect(self._write)
        self._read()

    def release(self) -> None:
        """Follow the project no more."""
        self._project.readProject.disconnect(self._read)
        self._project.cleared.disconnect(self._read)

    def _write(self, places: Judged) -> None:
        if places is self._read_last:
            return
        if places:
            self._project.writeEntry(SCOPE, _JUDGED_KEY, judged_text(places))
        else:
            self._project.removeEntry(SCOPE, _JUDGED_KEY)

    def _read(self, *_: object) -> None:
        text = self._project.readEntry(SCOPE, _JUDGED_KEY, "[]")[0]
        places, left_out = read_judged(text)
        self._read_last = places
        self._state.places = places
        if left_out:
            self._project.writeEntry(SCOPE, _OTHERS_KEY, text)
            said = tr("Judged places kept in the project that cannot be read, and were left out: {n}")
            self._state.say(NoticeLevel.INFO, said.format(n=left_out))


def judged_text(places: Judged) -> str:
    """Places as text for the project."""
    return f"[{','.join(place.text for place in places)}]"


@few_crss()
def read_judged(text: str) -> tuple[Judged, int]:
    """The places that `judged_text` wrote, and how many items are none; a text that is none counts as one."""
    try:
        items = listed(parsed(text, _MOST_TEXT), _MOST_PLACES)
    except (*UNREADABLE, MsaError):
        return (), 1
    found, left_out = [], 0
    for item in items:
        try:
            found.append(_place(item))
        except (*UNREADABLE, MsaError):
            left_out += 1
    return tuple(found), left_out


def _place(item: Json) -> JudgedPlace:
    index, factor, row, col = item["tile"]
    tile = {"index": index, "factor": factor, "row": row, "col": col}
    return made(JudgedPlace, {**item, "tile": tile}, LIMITS)


_HISTORY_KEY = f"{PREFIX}/history"
_MOST_ASKED = 100


class History:
    """Keeps `history` of the state."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        state.history = _asked_lately()

    def add(self, text: str) -> None:
        """This was asked; what was asked before stands once in the list."""
        if text:
            others = tuple(older for older in _asked_lately() if older != text)
            self._keep((text, *others)[:_MOST_ASKED])

    def forget(self) -> None:
        """Nothing was ever asked."""
        self._keep(())

    def _keep(self, texts: tuple[str, ...]) -> None:
        QgsSettings().setValue(_HISTORY_KEY, json.dumps(texts, ensure_ascii=False))
        self._state.history = texts


def _asked_lately() -> tuple[str, ...]:
    """Read anew each time: another QGIS window may have added some."""
    try:
        texts = json.loads(str(QgsSettings().value(_HISTORY_KEY, "[]")))
    except (ValueError, RecursionError):
        return ()
    if not isinstance(texts, list):
        return ()
    return tuple(text for text in texts if isinstance(text, str))[:_MOST_ASKED]
