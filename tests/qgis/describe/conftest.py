from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from qgis_msa_plugin.describe.describer import Describer
from qgis_msa_plugin.describe.many import DescribeMany
from qgis_msa_plugin.describe.panel import DescribePanel
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.widgets.observed import Notices
from tests.qgis.dock.desk import Client, Desk
from tests.qgis.scene import CRS, LEFT, TOP

MakeParcels = Callable[[int], QgsVectorLayer]


@pytest.fixture
def notices(qgis_app: QObject) -> Notices:
    return Notices()


@pytest.fixture
def describer(client: Client, notices: Notices, scene: QgsRasterLayer) -> Iterator[Describer]:
    describer = Describer(client, notices, Settings)
    describer.choose_layer(scene)
    yield describer
    describer.release()


@pytest.fixture
def panel(client: Client, describer: Describer, notices: Notices, desk: Desk) -> Iterator[DescribePanel]:
    features = DescribeMany(client, Settings)
    panel = DescribePanel(describer, features, notices, desk)
    panel.resize(320, 600)
    panel.show()
    yield panel
    panel.release()
    features.release()
    panel.deleteLater()


@pytest.fixture
def parcels(qgis_app: QObject, qgis_new_project: None) -> MakeParcels:
    """Makes a layer of the project with so many squares on the scene."""

    def make(count: int) -> QgsVectorLayer:
        layer = QgsVectorLayer(f"Polygon?crs=EPSG:{CRS}&field=number:integer", "parcels", "memory")
        features = []
        for number in range(count):
            feature = QgsFeature(layer.fields())
            left = LEFT + 50 * number
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, TOP - 100, left + 50, TOP - 50)))
            feature.setAttributes([number])
            features.append(feature)
        layer.dataProvider().addFeatures(features)
        QgsProject.instance().addMapLayer(layer)
        return layer

    return make
