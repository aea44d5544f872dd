"""Searches kept by name in the project."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject

from msa_model.protocol.errors import ProtocolError
from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.stored import Json, read_saved, saved_text
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.notices import NoticeLevel

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
