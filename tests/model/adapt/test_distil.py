"""`msa distil` from a raster and a teacher to a checkpoint that is nearer to it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio import Affine

from msa_model.adapt.distil import KEPT, DistilReport, DistilTask, distil_checkpoint
from msa_model.adapt.own_data import own_tiles
from msa_model.cli.main import main
from msa_model.jobs.phrases import shipped_phrases
from msa_model.model.agreement import centred, correlation, drawn_pictures
from msa_model.model.checkpoint import MANIFEST, read_checkpoint
from msa_model.model.dual_encoder import DualEncoder, Vectors
from msa_model.model.loading import load_encoder
from msa_model.protocol.errors import BadArgument, DiskFull, FileNotOurs
from msa_model.protocol.messages import RasterRef
from tests.model.taught import teach
from tests.model.tiny_models import WIDTH, clip

pytestmark = pytest.mark.slow

PHRASES = tuple(shipped_phrases())
SIDE = 5  # pictures of 256 px a side


@pytest.fixture(scope="module")
def student(shipped: Path) -> Path:
    return shipped


@pytest.fixture(scope="module")
def teacher(student: Path, tmp_path_factory: pytest.TempPathFactory) -> DualEncoder:
    """A tiny CLIP that looks at drawn pictures in its own way, and whose towers belong together."""
    folder = clip(tmp_path_factory.mktemp("teacher") / "tiny-teacher", dimension=WIDTH)
    return load_encoder(teach(folder, load_encoder(student, "cpu", 1), list(PHRASES)), "cpu", 1)


@pytest.fixture(scope="module")
def raster(tmp_path_factory: pytest.TempPathFactory) -> RasterRef:
    """The drawn pictures side by side, two such squares beside each other."""
    square = (
        drawn_pictures().reshape(SIDE, SIDE, 256, 256, 3).swapaxes(1, 2).reshape(SIDE * 256, SIDE * 256, 3)
    )
    pixels = np.concatenate([square, square[::-1]], axis=1).transpose(2, 0, 1)
    path = tmp_path_factory.mktemp("raster") / "drawn.tif"
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 500_000, 0, -0.5, 4_000_000)}
    size = {"width": pixels.shape[2], "height": pixels.shape[1], "count": 3, "dtype": "uint8", "tiled": True}
    with rasterio.open(path, "w", driver="GTiff", **size, **place) as dataset:
        dataset.write(pixels)
    return RasterRef(str(path))


@pytest.fixture(scope="module")
def task(raster: RasterRef, tmp_path_factory: pytest.TempPathFactory) -> DistilTask:
    return DistilTask((raster,), PHRASES, 160, 0, tmp_path_factory.mktemp("out") / "pupil")


@pytest.fixture(scope="module")
def report(student: Path, teacher: DualEncoder, task: DistilTask) -> DistilReport:
    return distil_checkpoint(student, teacher, task, lambda line: None)


def held_out_agreement(model: DualEncoder, teacher: DualEncoder, task: DistilTask) -> float:
    parts = list(own_tiles(task.rasters[0], task.tiles, task.seed))
    pixels = np.concatenate([part.pixels[part.held_out] for part in parts])
    phrases = list(task.phrases)
    scores = [each.encode_tiles(pixels) @ each.encode_english(phrases).T for each in (model, teacher)]
    return correlation(centred(scores[0]), centred(scores[1]))


def test_the_student_comes_nearer_to_its_teacher_on_tiles_that_it_did_not_learn_from(
    report: DistilReport, student: Path, teacher: DualEncoder, task: DistilTask
) -> None:
    assert report.checkpoint == str(task.out)
    assert report.held_out_tiles >= 4
    before, after = (load_encoder(folder, "cpu", 1) for folder in (student, task.out))
    was, is_now = (held_out_agreement(model, teacher, task) for model in (before, after))
    assert was == pytest.approx(report.agreement_before, abs=0.02)
    assert is_now == pytest.approx(report.agreement_after, abs=0.02)
    assert is_now > was + 0.05


def test_texts_stay_where_they_are_and_the_manifest_names_both_models(
    report: DistilReport, student: Path, teacher: DualEncoder, task: DistilTask
) -> None:
    before, after = read_checkpoint(student), read_checkpoint(task.out)
    changed = {
        name for name, tensor in after.tensors.items() if not np.array_equal(tensor, before.tensors[name])
    }
    assert changed
    assert all(name.startswith("image.") and "backbone" not in name for name in changed)
    manifest = json.loads((task.out / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["teacher"] == {"name": teacher.name, "sha256": teacher.sha256}
    assert manifest["distilled_from"] == {"name": before.config.name, "sha256": before.sha256}
    assert manifest["distillation"]["agreement_after"] == report.agreement_after


def test_held_out_tiles_share_no_pixel_with_those_that_are_learnt_from(tmp_path: Path) -> None:
    """Every pixel of the raster says its column, in two bytes."""
    columns = np.arange(2048)
    pixels = np.stack([columns % 256, columns // 256 * 30, np.zeros(2048)]).astype(np.uint8)
    place = {"crs": "EPSG:32633", "transform": Affine(0.5, 0, 500_000, 0, -0.5, 4_000_000)}
    size = {"width": 2048, "height": 1024, "count": 3, "dtype": "uint8"}
    with rasterio.open(tmp_path / "columns.tif", "w", driver="GTiff", **size, **place) as dataset:
        dataset.write(np.repeat(pixels[:, None], 1024, axis=1))
    learnt: set[int] = set()
    held: set[int] = set()
    for part in own_tiles(RasterRef(str(tmp_path / "columns.tif")), 10_000, 0):
        for tile, far in zip(part.pixels, part.held_out, strict=True):
            row = tile[0].astype(int)
            (held if far else learnt).update((row[:, 1] // 30 * 256 + row[:, 0]).tolist())
    assert held
    assert max(learnt) < min(held)


def test_a_second_run_encodes_nothing_anew(
    student: Path,
    teacher: DualEncoder,
    task: DistilTask,
    report: DistilReport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look(pixels: NDArray[np.uint8]) -> Vectors:
        pytest.fail(f"{len(pixels)} tiles were looked at again")

    monkeypatch.setattr(teacher, "encode_tiles", look)
    assert distil_checkpoint(student, teacher, task, lambda line: None) == report


def test_what_is_not_ours_is_not_written_to(
    student: Path, teacher: DualEncoder, raster: RasterRef, tmp_path: Path
) -> None:
    task = DistilTask((raster,), PHRASES, 160, 0, tmp_path / "out")
    task.out.mkdir()
    with sqlite3.connect(task.out / KEPT) as own:
        own.execute("CREATE TABLE mine (x)")
    kept = (task.out / KEPT).read_bytes()
    with pytest.raises(FileNotOurs, match=r"teacher\.sqlite was not made by MSA Search"):
        distil_checkpoint(student, teacher, task, lambda line: None)
    assert (task.out / KEPT).read_bytes() == kept
    other = DistilTask((raster,), PHRASES, 160, 0, clip(tmp_path / "clip"))
    with pytest.raises(FileNotOurs):
        distil_checkpoint(student, teacher, other, lambda line: None)


def filled(disk: Path) -> Path:
    """A file that leaves no room on a disk."""
    room = os.statvfs(disk)
    (disk / "full").write_bytes(bytes(room.f_bavail * room.f_frsize))
    return disk / "full"


def test_a_full_disk_is_named_and_what_was_there_stays(
    student: Path, teacher: DualEncoder, task: DistilTask, report: DistilReport, disk_of: Callable[..., Path]
) -> None:
    disk = disk_of(200 * 2**20)
    own = replace(task, out=disk / "pupil")
    own.out.mkdir()

    def distil(**changes: object) -> DistilReport:
        return distil_checkpoint(student, teacher, replace(own, **changes), lambda line: None)  # type: ignore[arg-type]

    full = filled(disk)
    with pytest.raises(DiskFull, match="no room left on the disk"):
        distil()  # not even what the teacher says can be kept
    assert not (own.out / MANIFEST).exists()
    os.truncate(full, full.stat().st_size - 2**21)
    with pytest.raises(DiskFull, match="no room left on the disk"):
        distil()  # that can, the checkpoint cannot
    assert sorted(file.name for file in own.out.iterdir()) == [KEPT]
    full.unlink()
    assert distil() == replace(report, checkpoint=str(own.out))
    kept = {file.name: file.read_bytes() for file in own.out.iterdir() if file.name != KEPT}
    filled(disk)
    with pytest.raises(DiskFull, match="no room left on the disk"):
        distil(seed=1)
    assert {file.name: file.read_bytes() for file in own.out.iterdir() if file.name != KEPT} == kept


def test_senseless_tasks_are_refused(
    student: Path, teacher: DualEncoder, raster: RasterRef, tmp_path: Path
) -> None:
    def distil(folder: Path | None, **changes: object) -> None:
        settings = {
            "rasters": (raster,),
            "phrases": PHRASES,
            "tiles": 160,
            "seed": 0,
            "out": tmp_path / "out",
        }
        distil_checkpoint(folder, teacher, DistilTask(**{**settings, **changes}), lambda line: None)  # type: ignore[arg-type]

    itself = load_encoder(student, "cpu", 1)
    with pytest.raises(BadArgument, match="a teacher is another one"):
        distil_checkpoint(None, itself, DistilTask((raster,), PHRASES, 160, 0, tmp_path), lambda line: None)
    with pytest.raises(BadArgument, match="choose another folder"):
        distil(student, out=student)
    with pytest.raises(BadArgument, match="at least 20 and 4 are needed"):
        distil(student, tiles=8)


def test_the_command_learns_from_a_clip_and_prints_json(
    student: Path, raster: RasterRef, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["distil", raster.path, "--teacher", clip(tmp_path / "teacher"), "--out", tmp_path / "pupil"]
    more = ["--tiles", 60, "--device", "cpu", "--threads", 1]
    assert main([*map(str, [*line, *more]), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["teacher"] == "teacher"
    assert printed["agreement_after"] >= printed["agreement_before"]
    assert (printed["checkpoint"] is not None) == (tmp_path / "pupil" / MANIFEST).exists()
    assert main([*map(str, [*line, *more])]) == 0
    assert "tiles held out" in capsys.readouterr().out
