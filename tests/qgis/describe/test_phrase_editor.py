"""The phrase bank in its editor."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QPushButton

from msa_model.protocol.phrases import PhraseRow, read_phrases
from qgis_msa_plugin.describe import phrase_editor
from qgis_msa_plugin.describe.phrase_editor import PhraseBankDialog


@pytest.fixture(autouse=True)
def own_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test finds the phrases that another has kept in the profile."""
    own = tmp_path / "profile" / "phrases.csv"
    monkeypatch.setattr(phrase_editor, "own_bank", lambda: own)
    return own


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    file = tmp_path / "phrases.csv"
    file.write_bytes("phrase;category\ngrünes dach;buildings\na pond;water\n".encode("cp1252"))
    return file


def press(dialog: PhraseBankDialog, name: str) -> None:
    dialog.findChild(QPushButton, name).click()


def test_a_bank_of_an_odd_encoding_is_edited_and_saved_as_utf8(qgis_app: QObject, bank: Path) -> None:
    saved: list[str] = []
    dialog = PhraseBankDialog(str(bank))
    dialog.saved.connect(saved.append)
    assert "cp1252" in dialog.text.text()
    press(dialog, "msaPhraseAdd")
    dialog.table.item(2, 0).setText("  a   mill ")
    dialog.table.selectRow(1)
    press(dialog, "msaPhraseRemove")
    press(dialog, "msaPhraseSave")
    assert saved == [str(bank)]
    assert read_phrases(bank).rows == (PhraseRow("grünes dach", "buildings"), PhraseRow("a mill"))
    assert read_phrases(bank).encoding == "utf-8"


def test_a_bank_that_another_program_has_changed_stays_as_it_is(
    qgis_app: QObject, bank: Path, own_bank: Path
) -> None:
    saved: list[str] = []
    dialog = PhraseBankDialog(str(bank))
    dialog.saved.connect(saved.append)
    dialog.table.item(0, 0).setText("a mill")
    bank.write_bytes(b"phrase;category\nwritten elsewhere;water\n")
    press(dialog, "msaPhraseSave")
    assert saved == []
    assert str(own_bank.with_name("phrases-2.csv")) in dialog.text.text()
    press(dialog, "msaPhraseSave")
    assert saved == [str(own_bank.with_name("phrases-2.csv"))]
    assert b"written elsewhere" in bank.read_bytes()
    assert read_phrases(saved[0]).rows[0].phrase == "a mill"


def test_without_a_bank_the_shipped_phrases_are_shown(qgis_app: QObject) -> None:
    dialog = PhraseBankDialog()
    assert len(dialog.rows()) > 100
    assert dialog.rows()[0].category


def test_a_file_that_cannot_be_read_changes_nothing(qgis_app: QObject, bank: Path, tmp_path: Path) -> None:
    dialog = PhraseBankDialog(str(bank))
    dialog.load(tmp_path / "gone.csv")
    assert "gone.csv" in dialog.text.text()
    assert len(dialog.rows()) == 2


def test_a_table_of_the_users_with_more_in_it_stays_as_it_is(
    qgis_app: QObject, tmp_path: Path, own_bank: Path
) -> None:
    own = own_bank
    table, content = tmp_path / "ours.csv", "phrase,category,seen by\na pond,water,Ann\n"
    table.write_text(content)
    own.parent.mkdir()
    own.write_text(content)
    saved: list[str] = []
    dialog = PhraseBankDialog(str(table))
    dialog.saved.connect(saved.append)
    assert "stays as it is" in dialog.text.text()
    press(dialog, "msaPhraseSave")
    assert saved == [str(own.with_name("phrases-2.csv"))]
    assert read_phrases(Path(saved[0])).rows == (PhraseRow("a pond", "water"),)
    assert table.read_text() == own.read_text() == content


def test_a_picture_chosen_by_mistake_is_not_overwritten(qgis_app: QObject, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\0\1")
    saved: list[str] = []
    dialog = PhraseBankDialog(str(picture))
    dialog.saved.connect(saved.append)
    press(dialog, "msaPhraseAdd")
    dialog.table.item(0, 0).setText("a mill")
    press(dialog, "msaPhraseSave")
    assert saved
    assert saved != [str(picture)]
    assert picture.read_bytes() == b"\x89PNG\0\1"


def test_an_empty_bank_is_not_saved(qgis_app: QObject, bank: Path) -> None:
    dialog = PhraseBankDialog(str(bank))
    dialog.table.selectAll()
    press(dialog, "msaPhraseRemove")
    press(dialog, "msaPhraseSave")
    assert len(read_phrases(bank).rows) == 2
