from __future__ import annotations

from pathlib import Path

import pytest

from qgis_msa_plugin import translate
from qgis_msa_plugin.translate import Translation, tr, translation_file
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


def test_where_there_is_no_translation_nothing_is_installed(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translate, "QgsApplication", Qgis("fr"))
    translation = Translation(compiled)
    assert tr("Cancelled") == "Cancelled"
    translation.remove()
