"""What tells hits from hits that somebody has changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from qgis.core import QgsVectorLayer


def digest_of(layer: QgsVectorLayer) -> str:
    """Of all features, whatever their order; only of layers in files, whose values have one form."""
    digest = hashlib.sha256()
    for line in sorted(_lines(layer)):
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def _lines(layer: QgsVectorLayer) -> Iterator[str]:
    names: Sequence[str] = [field.name() for field in layer.fields() if field.name() != "fid"]
    yield repr(names)
    for feature in layer.getFeatures():
        yield repr([feature.geometry().asWkt(), *(str(feature[name]) for name in names)])
