"""What the user should know now, inside the dock."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from qgis_msa_plugin.errors import error_text
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets.notices import Notice, NoticeLevel

_ICONS = {
    NoticeLevel.INFO: "/mIconInfo.svg",
    NoticeLevel.WARNING: "/mIconWarning.svg",
    NoticeLevel.ERROR: "/mIconCritical.svg",
}
_ICON_PX = 16


class NoticeStrip(QFrame):
    """One notice, until the next or until it is dismissed."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setObjectName("msaNotice")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton(self)
        close.setAutoRaise(True)
        close.setIcon(QgsApplication.getThemeIcon("/mIconClose.svg"))
        close.setToolTip(tr("Dismiss"))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_notice(self, notice: Optional[Notice]) -> None:
        """Show the notice, or nothing."""
        self.setVisible(notice is not None)
        if notice is None:
            return
        remedy = error_text(notice.error).remedy if notice.error is not None else ""
        self._text.setText("\n".join(filter(None, (notice.sentence, remedy))))
        self._icon.setPixmap(QgsApplication.getThemeIcon(_ICONS[notice.level]).pixmap(_ICON_PX, _ICON_PX))
