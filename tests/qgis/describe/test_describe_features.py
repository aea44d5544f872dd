"""Describing every feature of a layer into a field."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qgis.core import QgsField, QgsProject, QgsRasterLayer, QgsVectorLayer

from msa_model.protocol.describing import AreaDescription, DescribeManyReply, Phrase
from msa_model.protocol.errors import AoiInvalid, BadArgument, Cancelled, RasterMissing, WorkerDied
from msa_model.protocol.messages import Progress
from msa_model.protocol.rpc import DESCRIBE_MANY
from qgis_msa_plugin.describe.features_dialog import FeaturesDialog
from qgis_msa_plugin.describe.field_writer import check_editable
from qgis_msa_plugin.describe.many import CHUNK, DescribeMany, FeaturesJob
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.worker.state import WorkerState
from tests.qgis.describe.conftest import MakeParcels
from tests.qgis.describe.replies import many
from tests.qgis.dock.desk import Client
from tests.refusals import raises_kind


@pytest.fixture
def job(client: Client) -> DescribeMany:
    return DescribeMany(client, Settings)


def texts(layer: QgsVectorLayer, field: str = "seen") -> list[str]:
    rows = sorted((row["number"], row[field]) for row in layer.getFeatures())
    return [str(text) if text else "" for _, text in rows]


def test_every_feature_gets_its_phrases(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(3)
    ended: list[tuple[int, int, int]] = []
    job.finished.connect(lambda *counts: ended.append(counts))
    job.start(scene, FeaturesJob(layer, "seen"))
    client.answer(DESCRIBE_MANY, many("a pond", "", "a mill"))
    qtbot.waitUntil(lambda: texts(layer) == ["a pond", "", "a mill"])
    assert ended == [(2, 1, 0)]
    assert not job.busy
    layer.rollBack()
    assert layer.fields().lookupField("seen") == -1, "nothing was written behind the user's back"


def test_keywords_may_be_written_instead(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(1)
    job.start(scene, FeaturesJob(layer, "seen", keywords=True))
    client.answer(DESCRIBE_MANY, many("a pond"))
    qtbot.waitUntil(lambda: texts(layer) == ["river, bridge"])


def test_a_feature_that_no_phrase_fits_keeps_its_field_and_is_counted(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(2)
    ended: list[tuple[int, int, int]] = []
    job.finished.connect(lambda *counts: ended.append(counts))
    job.start(scene, FeaturesJob(layer, "seen"))
    doubtful = AreaDescription((Phrase("a mill", 0.1, 0.2, 0.4, "weak"),), (), 50.0, 4)
    client.answer(DESCRIBE_MANY, DescribeManyReply((*many("a pond").descriptions, doubtful)))
    qtbot.waitUntil(lambda: texts(layer) == ["a pond", ""])
    assert ended == [(1, 0, 1)]


def test_only_selected_features_are_described(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels
) -> None:
    layer = parcels(3)
    layer.selectByExpression('"number" = 2')
    job.start(scene, FeaturesJob(layer, "seen", selected_only=True))
    assert len(client.waiting(DESCRIBE_MANY)[0].params.areas) == 1


def test_many_features_are_asked_in_parts_and_progress_counts_all(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(CHUNK + 20)
    job.start(scene, FeaturesJob(layer, "seen"))
    asked = client.answer(DESCRIBE_MANY, many(*["a pond"] * CHUNK))
    assert len(asked.params.areas) == CHUNK
    rest = client.waiting(DESCRIBE_MANY)[0]
    assert rest.progress is not None
    rest.progress(Progress(1, 10, 20, 5.0, 2.0))
    assert job.progress is not None
    assert (job.progress.done, job.progress.total) == (CHUNK + 10, CHUNK + 20)
    client.answer(DESCRIBE_MANY, many(*["a mill"] * 20))
    qtbot.waitUntil(lambda: texts(layer) == ["a pond"] * CHUNK + ["a mill"] * 20)


def test_cancelling_keeps_what_is_written(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(CHUNK + 1)
    job.start(scene, FeaturesJob(layer, "seen"))
    client.answer(DESCRIBE_MANY, many(*["a pond"] * CHUNK))
    job.cancel()
    client.refuse(DESCRIBE_MANY, Cancelled("Cancelled."))
    assert not job.busy
    assert client.open == []
    qtbot.waitUntil(lambda: texts(layer) == ["a pond"] * CHUNK + [""])


def test_the_part_that_a_dying_worker_had_is_asked_again(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(1)
    job.start(scene, FeaturesJob(layer, "seen"))
    client.state = WorkerState.STARTING
    client.refuse(DESCRIBE_MANY, WorkerDied("The worker crashed."))
    client.answer(DESCRIBE_MANY, many("a pond"))
    qtbot.waitUntil(lambda: texts(layer) == ["a pond"])


def test_a_layer_removed_meanwhile_ends_the_job_quietly(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(1)
    job.start(scene, FeaturesJob(layer, "seen"))
    QgsProject.instance().removeMapLayer(layer.id())
    client.answer(DESCRIBE_MANY, many("a pond"))
    qtbot.waitUntil(lambda: not job.busy)


def test_features_deleted_meanwhile_are_passed_over(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(2)
    first = next(iter(layer.getFeatures())).id()
    job.start(scene, FeaturesJob(layer, "seen"))
    layer.deleteFeature(first)
    client.answer(DESCRIBE_MANY, many("a pond", "a mill"))
    qtbot.waitUntil(lambda: texts(layer) == ["a mill"])


def test_a_field_is_found_by_its_name_where_others_before_it_are_deleted_meanwhile(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels, qtbot: QtBot
) -> None:
    layer = parcels(1)
    job.start(scene, FeaturesJob(layer, "seen"))
    assert layer.deleteAttribute(layer.fields().indexFromName("number"))
    client.answer(DESCRIBE_MANY, many("a pond"))
    qtbot.waitUntil(lambda: [feature["seen"] for feature in layer.getFeatures()] == ["a pond"])


@pytest.mark.parametrize("kind", ["date", "datetime", "bool", "double", "binary"])
def test_a_field_that_holds_no_text_is_not_written(qgis_new_project: None, kind: str) -> None:
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:3857&field=seen:{kind}", "parcels", "memory")
    with raises_kind("layer_not_editable", match="none for text"):
        check_editable(layer, "seen")


def test_a_field_that_is_worked_out_is_not_written(qgis_new_project: None) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=name:string", "parcels", "memory")
    worked_out = QgsField(layer.fields().field("name"))
    worked_out.setName("seen")
    layer.addExpressionField("'a ' || name", worked_out)
    with raises_kind("layer_not_editable", match="none for text"):
        check_editable(layer, "seen")


def test_what_cannot_be_described_is_refused_before_anything_is_changed(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels
) -> None:
    empty, layer = parcels(0), parcels(1)
    with pytest.raises(AoiInvalid, match="no features"):
        job.start(scene, FeaturesJob(empty, "seen"))
    with pytest.raises(AoiInvalid, match="selected"):
        job.start(scene, FeaturesJob(layer, "seen", selected_only=True))
    with pytest.raises(BadArgument, match="no raster"):
        job.start(None, FeaturesJob(layer, "seen"))
    with raises_kind("layer_not_editable", match="none for text"):
        job.start(scene, FeaturesJob(layer, "number"))
    assert not layer.isEditable()
    assert client.open == []


def test_a_layer_of_a_format_that_takes_no_edits_is_named(tmp_path: Path, qgis_new_project: None) -> None:
    table = tmp_path / "places.csv"
    table.write_text("x,y\n1,2\n")
    layer = QgsVectorLayer(f"file://{table}?xField=x&yField=y&crs=EPSG:4326", "places", "delimitedtext")
    assert layer.isValid()
    with raises_kind("layer_not_editable", match="places"):
        check_editable(layer, "seen")


def test_the_dialog_starts_from_the_active_layer_and_tells_the_job(
    parcels: MakeParcels, qgis_app: object
) -> None:
    layer = parcels(2)
    layer.selectAll()
    wishes: list[FeaturesJob] = []
    dialog = FeaturesDialog()
    dialog.chosen.connect(wishes.append)
    dialog.propose(layer, (38.4, 76.8))
    dialog.field.setText("seen")
    dialog.scales.setCurrentIndex(2)
    dialog.buttons.accepted.emit()
    assert wishes == [FeaturesJob(layer, "seen", True, False, 3, 76.8)]


def test_the_dialog_says_what_is_wrong_and_stays(parcels: MakeParcels, qgis_app: object) -> None:
    dialog = FeaturesDialog()
    dialog.propose(parcels(1), ())
    dialog.show()
    for field, said in (("", "name for the field"), ("number", "none for text")):
        dialog.field.setText(field)
        dialog.buttons.accepted.emit()
        assert said in dialog.problem.text()
        assert dialog.isVisible()
    dialog.close()


def test_features_that_have_gone_are_not_described_again_for_a_worker_elsewhere(
    job: DescribeMany, client: Client, scene: QgsRasterLayer, parcels: MakeParcels
) -> None:
    layer = parcels(1)
    job.start(scene, FeaturesJob(layer, "seen"))
    QgsProject.instance().removeMapLayer(layer)
    client.shares_files = False
    client.refuse(DESCRIBE_MANY, RasterMissing("There is no such raster."))
    assert not job.busy
    assert client.waiting(DESCRIBE_MANY) == []
