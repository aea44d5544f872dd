"""Damage that GDAL only warns of: libjpeg hands out grey for what is missing."""

from __future__ import annotations

import logging
import threading

_LOST = ("premature end", "bad huffman code", "instead of rst")


class Damage(logging.Handler):
    """Hears rasterio's log of GDAL's warnings, and keeps for each thread what tells of lost pixels.

    Other warnings of libjpeg (extraneous bytes, unknown markers) do not change a pixel.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message that tells of lost pixels."""
        text = record.getMessage()
        if any(words in text.lower() for words in _LOST):
            self._heard.text = text

    def take(self) -> str:
        """What this thread heard since it last asked; empty where nothing was lost."""
        text = getattr(self._heard, "text", "")
        self._heard.text = ""
        return text


DAMAGE = Damage()
logging.getLogger("rasterio").addHandler(DAMAGE)
