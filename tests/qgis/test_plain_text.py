"""What is shown is text, whatever paths and layers are called."""

from __future__ import annotations

import re
from pathlib import Path

from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QTextDocument
from qgis.PyQt.QtWidgets import QTextBrowser

from msa_model.protocol.errors import RasterMissing
from qgis_msa_plugin.errors import show_error
from qgis_msa_plugin.plain_text import message_box, say, tip

EVIL = '/data/<img src="http://127.0.0.1:9/x"><a href="x">&amp;\n.tif'
PLUGIN = Path(__file__).resolve().parents[2] / "qgis_msa_plugin"


def shown(bar: QgsMessageBar) -> list[str]:
    return [browser.toPlainText() for browser in bar.findChildren(QTextBrowser)]


def test_the_message_bar_shows_paths_as_they_are(qgis_app: object) -> None:
    bar = QgsMessageBar()
    say(bar, "MSA <b>Search</b>", EVIL)
    show_error(bar, RasterMissing(f"There is no raster at {EVIL}."))
    assert len(bar.items()) == 2
    texts = shown(bar)
    assert any("MSA <b>Search</b>" in text and EVIL in text for text in texts)
    assert any(f"There is no raster at {EVIL}." in text for text in texts)
    assert not any("<img" in browser.toHtml() for browser in bar.findChildren(QTextBrowser))


def test_boxes_and_tool_tips_show_paths_as_they_are(qgis_app: object) -> None:
    bar = QgsMessageBar()
    box = message_box(bar, "title", EVIL)
    assert box.textFormat() == Qt.TextFormat.PlainText
    document = QTextDocument()
    document.setHtml(tip(EVIL))
    assert document.toPlainText().split() == EVIL.split()
    assert tip("/data/a & b.tif") == "/data/a & b.tif"


def test_nothing_speaks_to_the_message_bar_but_through_here() -> None:
    """QGIS takes what is pushed there for HTML."""
    direct = re.compile(
        r"(?:[bB]ar(?:\(\))?)\.(?:createMessage|push(?:Message|Info|Success|Warning|Critical))\("
    )
    found = [path.name for path in PLUGIN.rglob("*.py") if direct.search(path.read_text(encoding="utf-8"))]
    assert found == ["plain_text.py"]
    boxes = [path.name for path in PLUGIN.rglob("*.py") if "QMessageBox(" in path.read_text(encoding="utf-8")]
    assert boxes == ["plain_text.py"]
