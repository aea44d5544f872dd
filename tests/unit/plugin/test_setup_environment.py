"""The environment's folder: what state it is in, and what removing it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qgis_msa_plugin.setup.environment import PROMPT, Built, Environment, EnvironmentState, half_installed
from qgis_msa_plugin.worker.launch import MARKER, Host, WorkerNotSetUp, WorkerUnfinished, find_worker

BUILT = Built("0.1.0", "abc", "3.11.2", "2.13.0", "cpu", 1800)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


def put_program(environment: Environment) -> None:
    environment.begin()
    environment.program.parent.mkdir(parents=True, exist_ok=True)
    environment.program.write_text("#!/bin/sh\n")
    environment.program.chmod(0o755)


def test_it_is_ready_only_with_its_marker_and_its_program(environment: Environment) -> None:
    assert environment.state("abc") is EnvironmentState.ABSENT
    put_program(environment)
    assert environment.state("abc") is EnvironmentState.UNFINISHED
    environment.finish(BUILT)
    assert environment.state("abc") is EnvironmentState.READY
    assert environment.state("of another version") is EnvironmentState.OUTDATED
    environment.program.unlink()
    assert environment.state("abc") is EnvironmentState.UNFINISHED


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"version": "1"}', "\0\0"])
def test_a_marker_that_cannot_be_read_is_none(environment: Environment, content: str) -> None:
    put_program(environment)
    (environment.folder / MARKER).write_text(content)
    assert environment.built() is None
    assert environment.state("abc") is EnvironmentState.UNFINISHED


def test_the_marker_tells_what_was_built_and_the_downloads_go(environment: Environment) -> None:
    put_program(environment)
    for folder in (environment.cache, environment.engine):
        folder.mkdir()
    environment.finish(BUILT)
    assert environment.built() == BUILT
    assert not environment.cache.exists()
    assert not environment.engine.exists()


def test_a_worker_that_is_half_built_is_not_started(environment: Environment, tmp_path: Path) -> None:
    host = Host({"PATH": "/usr/bin"}, tmp_path, windows=False)
    with pytest.raises(WorkerNotSetUp):
        find_worker("", host)
    put_program(environment)
    with pytest.raises(WorkerUnfinished):
        find_worker("", host)
    environment.finish(BUILT)
    assert find_worker("", host).program == str(environment.program)
    environment.begin()
    with pytest.raises(WorkerUnfinished):
        find_worker("", host)


def test_packages_that_were_half_written_are_dropped_and_whole_ones_stay(environment: Environment) -> None:
    environment.begin()
    site = environment.folder / "lib" / "python3.11" / "site-packages"
    for name, files in (("whole", ("INSTALLER", "RECORD")), ("half", ("RECORD",)), ("bare", ())):
        record = site / f"{name}-1.0.dist-info"
        record.mkdir(parents=True)
        for file in files:
            (record / file).write_text("")
    assert {path.name for path in half_installed(environment.folder)} == {
        "half-1.0.dist-info",
        "bare-1.0.dist-info",
    }
    environment.begin()
    assert [path.name for path in site.iterdir()] == ["whole-1.0.dist-info"]


def test_removing_it_follows_no_link_and_touches_nothing_beside_it(
    environment: Environment, tmp_path: Path
) -> None:
    put_program(environment)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    (environment.folder / "link").symlink_to(outside)
    (environment.folder.parent / "beside").write_text("kept")
    environment.remove()
    assert environment.state("abc") is EnvironmentState.ABSENT
    assert (outside / "file").read_text() == "kept"
    assert (environment.folder.parent / "beside").read_text() == "kept"


def test_a_folder_that_something_else_made_is_neither_built_upon_nor_deleted(
    environment: Environment,
) -> None:
    environment.folder.mkdir(parents=True)
    (environment.folder / "pyvenv.cfg").write_text("home = /usr/bin\nprompt = 'my own'\n")
    half = environment.folder / "lib" / "python3.11" / "site-packages" / "mine-1.0.dist-info"
    half.mkdir(parents=True)
    for act in (environment.begin, environment.remove):
        with pytest.raises(FileExistsError, match="did not make this folder"):
            act()
    assert half.is_dir()


def test_a_file_in_the_environments_place_is_not_deleted(environment: Environment) -> None:
    environment.folder.parent.mkdir(parents=True)
    environment.folder.write_text("notes")
    for act in (environment.begin, environment.remove):
        with pytest.raises(FileExistsError):
            act()
    assert environment.folder.read_text() == "notes"


def test_an_environment_is_known_by_what_python_itself_writes_into_it(environment: Environment) -> None:
    environment.begin()
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--prompt", PROMPT, "--clear", environment.folder],
        check=True,
    )
    assert [path.name for path in environment.folder.glob("made_by*")] == []
    environment.begin()
    environment.remove()
    assert not environment.folder.exists()


def test_an_empty_folder_may_be_built_upon(environment: Environment) -> None:
    (environment.folder / "empty").mkdir(parents=True)
    environment.begin()
    environment.remove()
    assert not environment.folder.exists()


def test_a_link_in_its_place_goes_but_not_what_it_leads_to(environment: Environment, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("kept")
    environment.folder.parent.mkdir(parents=True)
    environment.folder.symlink_to(elsewhere)
    environment.remove()
    assert not os.path.lexists(environment.folder)
    assert (elsewhere / "file").read_text() == "kept"


def test_what_is_left_after_a_failed_removal_counts_as_unfinished(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_program(environment)
    environment.finish(BUILT)

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError("in use")

    monkeypatch.setattr("qgis_msa_plugin.setup.environment.shutil.rmtree", refuse)
    with pytest.raises(PermissionError):
        environment.remove()
    assert environment.state("abc") is EnvironmentState.UNFINISHED
