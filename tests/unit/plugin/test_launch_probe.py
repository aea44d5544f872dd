"""How a worker tells whether it sees this machine's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from qgis_msa_plugin.worker.launch import Probe, looks_remote


def test_a_probe_is_there_until_it_is_removed(tmp_path: Path) -> None:
    probe = Probe(tmp_path / "cache")
    path = probe.path
    assert path is not None
    assert Path(path).is_file()
    probe.remove()
    probe.remove()
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_two_probes_are_alike(tmp_path: Path) -> None:
    assert Probe(tmp_path).path != Probe(tmp_path).path


def test_where_nothing_can_be_written_there_is_no_probe(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Probe(tmp_path / "file").path is None


@pytest.mark.parametrize(
    ("program", "remote"), [("/usr/bin/ssh", True), ("WSL.EXE", True), ("/env/bin/msa", False), ("", False)]
)
def test_a_command_is_guessed_to_lead_elsewhere_by_its_program(program: str, remote: bool) -> None:
    assert looks_remote(program) == remote
