from __future__ import annotations

from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QLocale

from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin import translate
from qgis_msa_plugin.translate import Translation, tr, translation_file
from qgis_msa_plugin.widgets.wording import warning_texts
from tools.translations import FOLDER, release, translations_of


class Qgis:
    """QGIS in another language."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def locale(self) -> str:
        return self._locale


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("i18n")
    release(folder)
    return folder


@pytest.mark.parametrize("locale", ["de", "de_AT", "de-CH", "de_DE.UTF-8"])
def test_a_region_without_its_own_file_gets_that_of_the_language(compiled: Path, locale: str) -> None:
    assert translation_file(locale, compiled) == compiled / "msa_search_de.qm"


@pytest.mark.parametrize("locale", ["en_US", "fr", "", "d", "den"])
def test_other_languages_have_none(compiled: Path, locale: str) -> None:
    assert translation_file(locale, compiled) is None


def test_texts_are_german_until_the_plugin_goes(compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    german = translations_of(FOLDER / "msa_search_de.ts")["Phrase bank not readable"]
    monkeypatch.setattr(translate, "QgsApplication", Qgis("de_AT"))
    translation = Translation(compiled)
    assert tr("Phrase bank not readable") == german != "Phrase bank not readable"
    translation.remove()
    assert tr("Phrase bank not readable") == "Phrase bank not readable"


def test_what_the_engine_warns_of_is_german_with_german_numbers(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translate, "QgsApplication", Qgis("de"))
    before, translation = QLocale(), Translation(compiled)
    QLocale.setDefault(QLocale("de_DE"))
    told = (
        EngineWarning("tiles_skipped", (0.4,), raster="town.tif"),
        EngineWarning("one_date_only", (1234,)),
        EngineWarning("pixels_differ", (2.5,)),
        EngineWarning("pixels_coarse", (0.35,)),
        EngineWarning("engine_crashed", texts=("openvino-int8", "SIGILL")),
    )
    texts = warning_texts(told)
    translation.remove()
    QLocale.setDefault(before)
    assert texts[0].startswith("town.tif: Etwa 40 % der Kacheln haben zu wenige Pixel")
    assert texts[1].startswith("1.234 Kacheln liegen")
    assert "2,5-mal so groß" in texts[2]
    assert texts[3].startswith("Pixel von 0,35 m")
    assert texts[4].startswith("Das Rechenwerk „openvino-int8“ ist nicht nutzbar")
    assert warning_texts(told[1:2])[0].startswith("1,234 tiles lie where")


def test_where_there_is_no_translation_nothing_is_installed(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translate, "QgsApplication", Qgis("fr"))
    translation = Translation(compiled)
    assert tr("Cancelled") == "Cancelled"
    translation.remove()
