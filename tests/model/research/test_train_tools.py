from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from msa_model.model.config import ModelConfig
from tests.model.research.training_sets import CAPTIONS, LABELS, as_toml, make_images, make_weights, recipe_of
from tools.pieces import main as pack_pieces
from tools.pieces import pack
from tools.plot_curves import Curve, draw, main, read_losses, read_validation

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def root(tmp_path: Path, tiny_config: ModelConfig) -> Path:
    make_images(tmp_path / "data")
    recipe = recipe_of(tiny_config, CAPTIONS, LABELS, epochs=2)
    (tmp_path / "recipe.toml").write_text(as_toml(recipe), encoding="utf-8")
    return tmp_path


def test_pieces_hold_every_file_once_and_stay_below_the_limit(tmp_path: Path) -> None:
    sizes = [10, 70_000, 500, 30_000, 30_000, 1]
    files = []
    for number, size in enumerate(sizes):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(bytes([number]) * size)
        files.append((file, f"folder/{number}.bin"))
    pieces = pack(files, tmp_path / "pieces", limit=60_000)
    assert len(pieces) > 2
    found: list[tuple[str, bytes]] = []
    for piece in pieces:
        with tarfile.open(piece) as tar:
            held = [(entry.name, tar.extractfile(entry)) for entry in tar]
            found += [(name, content.read()) for name, content in held if content]
        assert piece.stat().st_size <= 60_000 or len(held) == 1
    assert found == [(name, file.read_bytes()) for file, name in files]
    first = [piece.read_bytes() for piece in pieces]
    assert [piece.read_bytes() for piece in pack(files, tmp_path / "pieces", limit=60_000)] == first


def test_the_pieces_of_a_recipe_hold_what_it_reads(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack_pieces(list(map(str, (root / "recipe.toml", root / "data", root / "pieces", root / "recipe.toml"))))
    with tarfile.open(root / "pieces" / "piece-000.tar") as tar:
        names = set(tar.getnames())
    wanted = {
        file.relative_to(root / "data").as_posix() for file in (root / "data").rglob("*.*") if file.is_file()
    }
    assert names == wanted | {"recipe.toml"}
    assert "piece-000.tar" in capsys.readouterr().out


@pytest.mark.slow
def test_the_gpu_script_trains_from_pieces_and_can_be_called_again(
    root: Path, tiny_config: ModelConfig
) -> None:
    """On a machine without a GPU it trains on the CPU."""
    make_weights(root / "init.safetensors", tiny_config)
    arguments = (root / "recipe.toml", root / "data", root / "pieces", root / "init.safetensors")
    pack_pieces(list(map(str, arguments)))
    shutil.rmtree(root / "data")
    script = [str(ROOT / "tools" / "train_gpu.sh"), root / "pieces", root / "out", root / "recipe.toml"]
    environment = os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

    def call(seconds: str) -> str:
        done = subprocess.run(
            [*map(str, script), "init.safetensors"],
            cwd=ROOT,
            env=environment | {"SECONDS_AT_MOST": seconds},
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1]

    assert call("1") == "not finished: call it again"
    assert call("200") == "finished"
    assert (root / "out" / "model.safetensors").is_file()


def test_curves_show_every_run(tmp_path: Path) -> None:
    run = tmp_path / "out" / "run"
    run.mkdir(parents=True)
    (run / "log.csv").write_text("step,epoch,loss\n1,1,4\n2,1,2\n3,2,1\n", encoding="utf-8")
    rows = "step,set,measure,value\n2,captions,mr,20\n3,captions,mr,30\n2,captions,i2t,9\n"
    (run / "validation.csv").write_text(rows, encoding="utf-8")
    assert read_losses(tmp_path / "out")[-1] == (3.0, pytest.approx(0.9 * (0.9 * 4 + 0.1 * 2) + 0.1 * 1))
    assert read_validation(tmp_path / "out") == {"captions mr": [(2.0, 20.0), (3.0, 30.0)]}
    main([str(tmp_path / "c.svg"), f"a & b={tmp_path / 'out'}", f"second={tmp_path / 'out'}"])
    picture = ET.fromstring((tmp_path / "c.svg").read_text(encoding="utf-8"))  # noqa: S314  (our own)
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2 + 2 * 2
    texts = [text.text for text in picture.findall("{http://www.w3.org/2000/svg}text")]
    assert {"a & b", "a & b captions mr", "training loss", "validation, %"} <= set(texts)


def test_a_single_value_can_be_drawn() -> None:
    picture = ET.fromstring(draw([Curve("one", [(1.0, 2.0)])], []))  # noqa: S314
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 2
