"""What the user is told: the last sentence, and the error behind it where something went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.widgets.observed import Observed


class NoticeLevel(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """A sentence to the user; `error` is what went wrong, with its remedy, where something did."""

    level: NoticeLevel
    sentence: str
    error: Optional[MsaError] = None


class Notices(QObject):
    """The one way that a sentence takes to the screen, whichever panel it comes from."""

    notice_changed = pyqtSignal(object)

    notice: Observed[Optional[Notice]] = Observed(None)

    def say(self, level: NoticeLevel, sentence: str) -> None:
        """Tell the user something that is no failure."""
        self.notice = Notice(level, sentence)

    def fail(self, error: MsaError) -> None:
        """Tell the user what went wrong."""
        self.notice = Notice(NoticeLevel.ERROR, error.sentence, error)
