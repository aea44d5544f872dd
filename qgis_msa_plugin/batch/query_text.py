"""What a batch scan asks: typed lines, and a watch-list file."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from msa_model.protocol.batch import WatchedQuery
from msa_model.protocol.errors import MsaError, QueryEmpty, QueryNotUnderstood
from msa_model.protocol.query import parse_query
from qgis_msa_plugin.translate import tr

_LINES = 4


class QueryText(QWidget):
    """A query a line; empty lines count for nothing."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("msaBatchQueries")
        self.text.setAccessibleName(tr("Queries, one a line"))
        self.text.setPlaceholderText(
            tr("One query a line, for example:\na swimming pool\ntennis court + trees")
        )
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * _LINES + 2 * _LINES)
        self.text.setToolTip(tr("What to look for: each line is a query of its own, in the search's grammar"))
        self.file = QgsFileWidget(self)
        self.file.setObjectName("msaBatchWatchList")
        self.file.setFilter(tr("Watch-lists (*.csv *.txt)"))
        self.file.setDialogTitle(tr("Watch-list"))
        self.file.lineEdit().setPlaceholderText(tr("and a watch-list (CSV), if you have one"))
        self.file.setToolTip(
            tr("A CSV file with a column 'query' (and 'name', 'min_score'), or a text file, a query a line")
        )
        self.setFocusProxy(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addWidget(self.file)

    def add(self, query: str) -> None:
        """Ask this, too."""
        lines = self.text.toPlainText().splitlines()
        if query and query not in lines:
            self.text.setPlainText("\n".join([*filter(str.strip, lines), query]))

    def watch_list(self) -> Optional[str]:
        """The file, if one is named.

        Raises:
            watch_list_unreadable: there is no such file.
        """
        path = self.file.filePath().strip()
        if path and not Path(path).is_file():
            raise MsaError.of("watch_list_unreadable", tr("There is no file {path}.").format(path=path))
        return path or None

    def queries(self) -> tuple[WatchedQuery, ...]:
        """The typed queries, each once.

        Raises:
            QueryEmpty: there is none, and no watch-list either.
            QueryNotUnderstood: a line is not in the grammar; the sentence names it.
        """
        lines = self.text.toPlainText().splitlines()
        queries = [_checked(" ".join(line.split()), number) for number, line in enumerate(lines, 1)]
        asked = tuple(dict.fromkeys(query for query in queries if query))
        if not asked and self.watch_list() is None:
            raise QueryEmpty(tr("There is no query: type one a line, or choose a watch-list."))
        return tuple(WatchedQuery(query) for query in asked)


def _checked(query: str, number: int) -> str:
    try:
        if query:
            parse_query(query)
    except QueryNotUnderstood as error:
        text = tr("Line {number}: {sentence}").format(number=number, sentence=error.sentence)
        raise QueryNotUnderstood(text) from error
    return query
