"""The colours of ranks, the same in the list and in `resources/styles/results.qml`."""

from __future__ import annotations

from qgis.PyQt.QtGui import QColor

# Last rank of each class and its colour: hot first, chosen to stand out over vegetation, soil and roofs.
HEAT = ((1, "#ff1744"), (3, "#ff6d00"), (10, "#ffab00"), (20, "#ffea00"))
COOLEST = "#fff8c4"


def rank_colour(rank: int) -> QColor:
    """The colour of a rank, from 1."""
    return QColor(next((colour for last, colour in HEAT if rank <= last), COOLEST))
