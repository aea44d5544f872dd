"""The queries asked lately, newest first; in the profile, as they are the analyst's and not the project's."""

from __future__ import annotations

import json

from qgis.core import QgsSettings

from qgis_msa_plugin.search.state import SearchState
from qgis_msa_plugin.settings import PREFIX

KEY = f"{PREFIX}/history"
MOST = 100


class History:
    """Keeps `history` of the state."""

    def __init__(self, state: SearchState) -> None:
        self._state = state
        state.history = _load()

    def add(self, text: str) -> None:
        """This was asked; what was asked before stands once in the list."""
        if text:
            others = tuple(older for older in _load() if older != text)
            self._keep((text, *others)[:MOST])

    def forget(self) -> None:
        """Nothing was ever asked."""
        self._keep(())

    def _keep(self, texts: tuple[str, ...]) -> None:
        QgsSettings().setValue(KEY, json.dumps(texts, ensure_ascii=False))
        self._state.history = texts


def _load() -> tuple[str, ...]:
    """Read anew each time: another QGIS window may have added some."""
    try:
        texts = json.loads(str(QgsSettings().value(KEY, "[]")))
    except (ValueError, RecursionError):
        return ()
    return tuple(text for text in texts if isinstance(text, str))[:MOST] if isinstance(texts, list) else ()
