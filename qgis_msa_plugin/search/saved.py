"""Searches kept by name in the project."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.search.question import SavedSearch
from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.search.stored import read_saved, saved_text

SCOPE = "msa_search"
KEY = "/saved"


class SavedSearches(QObject):
    """Keeps `saved` of the state in step with the project that is open."""

    def __init__(self, state: SearchState, project: QgsProject, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._project = state, project
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
        if saved:
            self._project.writeEntry(SCOPE, KEY, saved_text(saved))
        else:
            self._project.removeEntry(SCOPE, KEY)
        self._state.saved = saved

    def _read(self, *_: object) -> None:
        self._state.saved = read_saved(self._project.readEntry(SCOPE, KEY, "[]")[0])
