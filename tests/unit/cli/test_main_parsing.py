"""The command line: what it understands, what it refuses, and that it starts at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.cli.main import main, parse
from msa_model.cli.output import centre, duration, metres, size, table


@pytest.mark.parametrize(
    "line",
    [
        ["search", "a.gpkg", "b.gpkg", "a river", "-k", "3"],
        ["search", "-k", "3", "a.gpkg", "b.gpkg", "a river"],
        ["search", "a.gpkg", "b.gpkg", "-k", "3", "a river"],
        ["search", "a.gpkg", "-k", "3", "b.gpkg", "a river"],
    ],
    ids=" ".join,
)
def test_a_search_is_understood_wherever_its_options_stand(line: list[str]) -> None:
    args = parse(line)
    assert args.words == ["a.gpkg", "b.gpkg", "a river"]
    assert args.k == 3


def test_rasters_may_stand_on_both_sides_of_an_option() -> None:
    args = parse(["batch", "a.tif", "-q", "a river", "b.tif", "--out", "found.gpkg"])
    assert args.rasters == ["a.tif", "b.tif"]


@pytest.mark.parametrize(
    "line", ["index", "search", "batch", "describe", "indexes list", "coverage", "adapt"]
)
def test_every_command_tells_what_it_takes(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse([*line.split(), "--help"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: msa {line} ")


@pytest.mark.parametrize("option", ["--scheduler", "--aoi", "--index", "--cache"])
@pytest.mark.parametrize("together", [True, False])
def test_an_option_that_is_empty_is_not_as_if_left_out(
    option: str, together: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["index", "a.tif", *([f"{option}="] if together else [option, ""])])
    assert f"argument {option}" in capsys.readouterr().err


@pytest.mark.parametrize("line", [["--at", "-85.1,27.6"], ["--at=-85.1,27.6"]], ids=" ".join)
def test_western_coordinates_are_no_options(line: list[str]) -> None:
    assert parse(["describe", "a.tif", *line]).at == (-85.1, 27.6)
    assert parse(["describe", "a.tif", "--bounds", "-3,-2,-1,0"]).bounds == (-3, -2, -1, 0)


def test_scales_are_metres_with_commas_between_them() -> None:
    assert parse(["index", "a.tif", "--scales", "75,150.5"]).scales == (75.0, 150.5)


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["paint"],
        ["index"],
        ["--colour", "index", "a.tif"],
        ["indexes"],
        ["indexes", "paint"],
        ["indexes", "delete"],
        ["index", "a.tif", "--scales", "75;150"],
        ["index", "a.tif", "--scales", "nan"],
        ["describe", "a.tif"],
        ["describe", "a.tif", "--at", "1"],
        ["describe", "a.tif", "--at", "1,2,3"],
        ["describe", "a.tif", "--at", "1,2", "--bounds", "1,2,3,4"],
        ["search", "a.gpkg", "river", "--colour", "red"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_refused_with_status_2(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(line)
    assert exit_.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage:" in captured.err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["index", "nowhere.tif"], "There is no raster at nowhere.tif."),
        (["describe", "nowhere.tif", "--at", "1,2"], "There is no raster at nowhere.tif."),
        (["search", "river"], "Give at least one index"),
        (["search", "nowhere.gpkg", "river"], "There is no index at nowhere.gpkg."),
        (["search", "nowhere.tif", "river"], "There is neither an index nor a raster at nowhere.tif."),
        (["search", "a.gpkg", "b.gpkg", "river", "--heatmap", "h.tif"], "A heat map shows one index"),
        (["info", "nowhere.gpkg"], "There is no index at nowhere.gpkg."),
        (["info", "--model", "nowhere"], "The checkpoint folder nowhere does not exist."),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence_and_a_remedy_on_stderr(
    line: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"msa: {sentence}")
    assert len(captured.err.splitlines()) == 2
    assert "Traceback" not in captured.err


def test_info_tells_version_device_and_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["version"]
    assert found["device"] in ("cpu", "cuda", "mps")
    assert isinstance(found["gpu_unused"], bool)
    assert len(found["model_sha256"]) == 64
    assert main(["info"]) == 0
    assert found["model"] in capsys.readouterr().out


@pytest.mark.parametrize("line", [["--help"], ["--version"], ["info"], ["search", "--help"]], ids=" ".join)
def test_what_needs_no_model_does_not_import_torch(line: list[str]) -> None:
    code = (
        "import sys; from msa_model.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('torch', 'transformers', 'timm', 'rasterio') if name in sys.modules])"
    )
    done = subprocess.run((sys.executable, "-c", code, *line), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_table_is_aligned() -> None:
    assert table(("rank", "name"), [("1", "a"), ("10", "bcd")], left=(1,)) == (
        "rank  name\n----  ----\n   1  a\n  10  bcd"
    )


def test_quantities_are_said_as_a_person_says_them() -> None:
    assert [duration(seconds) for seconds in (4, 119, 180, 9000)] == ["4 s", "119 s", "3 min", "2.5 h"]
    assert [size(count) for count in (500_000, 2.5e9)] == ["0.5 MB", "2.5 GB"]
    assert [metres(length) for length in (0.1323, 38.4, 1541.3)] == ["0.132 m", "38.4 m", "1541 m"]
    assert [centre((85.5321, 27.63) * 2), centre((9520251, 3202921.74) * 2)] == [
        "85.53210, 27.63000",
        "9520251.0, 3202921.7",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_output_that_does_not_fit_is_no_success() -> None:
    line = [sys.executable, "-m", "msa_model.cli.main", "info", "--json"]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("msa: There is no room left on the disk for the output.")
    assert len(ended.stderr.splitlines()) == 2
