"""Translation of every visible string, in one context; the files come from tools/translations.py."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

CONTEXT = "MSA Search"
TRANSLATIONS = Path(__file__).resolve().parent / "i18n"


def tr(text: str) -> str:
    """The text in the language of QGIS; always called with a literal, so that it can be found."""
    return translated(text)


def translated(text: str) -> str:
    """A text of a table that tools/translations.py reads, in the language of QGIS."""
    return str(QCoreApplication.translate(CONTEXT, text))


def translation_file(locale: str, folder: Path = TRANSLATIONS) -> Optional[Path]:
    """The file for a locale such as 'de_AT': that of the region, else that of the language, else none."""
    region = locale.replace("-", "_").partition(".")[0]
    names = (region, region.partition("_")[0])
    files = (folder / f"msa_search_{name}.qm" for name in names if name)
    return next((file for file in files if file.is_file()), None)


def interface_language() -> str:
    """QGIS's language, such as 'de' or 'pt_BR': the worker tells phrases in it where it can."""
    return str(QgsApplication.locale())


class Translation:
    """The installed translation, if there is one for QGIS's language; `remove` takes it away."""

    def __init__(self, folder: Path = TRANSLATIONS) -> None:
        self._translator: Optional[QTranslator] = None
        file = translation_file(str(QgsApplication.locale()), folder)
        translator = QTranslator()
        if file is not None and translator.load(str(file)):
            QCoreApplication.installTranslator(translator)
            self._translator = translator

    def remove(self) -> None:
        """Give the strings back their own language."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
