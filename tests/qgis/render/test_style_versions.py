from __future__ import annotations

from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer

from qgis_msa_plugin.render.style import version_of


def test_a_layer_keeps_its_version_until_its_pixels_change(scene: QgsRasterLayer) -> None:
    before = version_of(scene)
    twin = scene.clone()
    assert version_of(twin) == before
    twin.renderer().setOpacity(0.3)
    twin.setName("another name")
    assert version_of(twin) == before
    twin.renderer().setGreenBand(1)
    assert version_of(twin) != before


def test_the_style_of_a_vector_layer_counts_too(qgis_new_project: None) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32633", "areas", "memory")
    QgsProject.instance().addMapLayer(layer)
    before = version_of(layer)
    layer.setOpacity(0.5)
    assert version_of(layer) == before
    layer.renderer().symbol().setColor(layer.renderer().symbol().color().darker())
    assert version_of(layer) != before
