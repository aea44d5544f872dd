from __future__ import annotations

import os
from pathlib import Path

import pytest

from msa_model.protocol.errors import WorkerMissing
from qgis_msa_plugin.worker.launch import (
    COMMAND_VARIABLE,
    MARKER,
    Host,
    WorkerNotSetUp,
    clean_environment,
    find_worker,
    managed_environment,
    split_command,
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "with spaces" / "msa"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def host(folder: Path, **environ: str) -> Host:
    return Host({"PATH": "/usr/bin:/bin", **environ}, folder, windows=False)


def test_a_mere_program_is_told_to_be_a_worker(program: Path, tmp_path: Path) -> None:
    launch = find_worker(str(program), host(tmp_path))
    assert (launch.program, launch.arguments) == (str(program), ("worker",))


def test_quotation_marks_around_a_program_are_no_part_of_its_name(program: Path, tmp_path: Path) -> None:
    assert find_worker(f'"{program}"', host(tmp_path)).arguments == ("worker",)


def test_a_command_line_is_taken_by_the_letter(program: Path, tmp_path: Path) -> None:
    launch = find_worker(f"'{program}' serve --device 'cuda:0'", host(tmp_path))
    assert launch.arguments == ("serve", "--device", "cuda:0")


def test_a_remote_worker_is_just_another_command(tmp_path: Path, program: Path) -> None:
    ssh = program.with_name("ssh")
    program.rename(ssh)
    launch = find_worker("ssh gpu-box msa worker", host(tmp_path, PATH=str(ssh.parent)))
    assert (launch.program, launch.arguments) == (str(ssh), ("gpu-box", "msa", "worker"))


def test_windows_paths_keep_their_backslashes() -> None:
    words = split_command(r'"C:\Program Files\msa\msa.exe" worker --cache D:\cache', windows=True)
    assert words == [r"C:\Program Files\msa\msa.exe", "worker", "--cache", r"D:\cache"]


def test_the_settings_come_before_the_variable_and_that_before_the_managed_one(
    program: Path, tmp_path: Path
) -> None:
    managed = managed_environment(tmp_path) / "bin" / "msa"
    managed.parent.mkdir(parents=True)
    managed.symlink_to(program)
    (managed_environment(tmp_path) / MARKER).touch()
    assert find_worker("", host(tmp_path)).program == str(managed)
    here = host(tmp_path, **{COMMAND_VARIABLE: f"'{program}' a"})
    assert find_worker("", here).arguments == ("a",)
    assert find_worker(f"'{program}' b", here).arguments == ("b",)


def test_a_link_is_not_followed_so_that_a_virtual_environment_finds_itself(
    program: Path, tmp_path: Path
) -> None:
    link = tmp_path / "python"
    link.symlink_to(program)
    assert find_worker(f"{link} -m x", host(tmp_path)).program == str(link)


def test_a_relative_program_is_found_from_here(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    assert find_worker("./msa worker", host(tmp_path)).program == str(program)


@pytest.mark.parametrize("command", ["/nowhere/msa", "no-such-program worker", "'open"])
def test_a_missing_worker_is_named(command: str, tmp_path: Path) -> None:
    with pytest.raises(WorkerMissing) as caught:
        find_worker(command, host(tmp_path))
    assert command.split(maxsplit=1)[0] in caught.value.sentence


def test_where_none_is_named_and_none_was_built_it_is_not_set_up(tmp_path: Path) -> None:
    with pytest.raises(WorkerNotSetUp):
        find_worker("", host(tmp_path))


def test_the_environment_loses_what_qgis_set_and_keeps_the_rest(tmp_path: Path) -> None:
    qgis = {
        "PYTHONHOME": "x",
        "PythonPath": "x",
        "PYTHONEXECUTABLE": "x",
        "LD_LIBRARY_PATH": "x",
        "GDAL_DATA": "x",
        "PROJ_LIB": "x",
        "QT_PLUGIN_PATH": "x",
    }
    kept = {"PATH": os.defpath, "HOME": str(tmp_path), "HTTPS_PROXY": "proxy", "CUDA_VISIBLE_DEVICES": "1"}
    assert clean_environment({**qgis, **kept}) == {**kept, "PYTHONIOENCODING": "utf-8"}
