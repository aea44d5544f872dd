"""Building the worker's environment: a real `venv`, a real pip, and a folder of tiny wheels."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qgis.PyQt.QtCore import QLockFile

from msa_model.protocol.errors import MsaError
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.setup import progress as sizes_module
from qgis_msa_plugin.setup.commands import SetupChoice, SetupStep
from qgis_msa_plugin.setup.environment import Environment, EnvironmentState
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.setup.progress import Sizes
from qgis_msa_plugin.setup.verify import Proof
from qgis_msa_plugin.worker.launch import Host, WorkerUnfinished, find_worker
from tests.present import present
from tests.qgis.conftest import ROOT, odd_command
from tests.qgis.tiny_setup_files import make_wheels, tiny_setup_files

PYTHON = "/usr/bin/python3"
SMALL = Sizes(1_000_000, 30_000_000)
BUILD_MS = 60_000


class Watched:
    """A job with what it told."""

    def __init__(self, profile: Path, folder: Path, qtbot: QtBot, mode: str = "good") -> None:
        self.profile, self.folder, self._qtbot = profile, folder, qtbot
        site = tiny_setup_files(folder / f"site {mode}", mode)
        self.job = SetupJob(Environment(profile), site)
        self.hold = folder / f"site {mode}" / "hold"
        self.wheels = folder / "my wheels"
        if not self.wheels.exists():
            make_wheels(self.wheels)
        self.steps: list[SetupStep] = []
        self.lines: list[str] = []
        self.ends: list[object] = []
        self.job.stepped.connect(self.steps.append)
        self.job.line.connect(self.lines.append)
        self.job.finished.connect(self.ends.append)
        self.job.failed.connect(self.ends.append)
        self.job.removed.connect(lambda: self.ends.append("removed"))

    def start(self, reinstall: bool = False, python: str = PYTHON, index: str = "") -> None:
        self.steps.clear()
        self.ends.clear()
        choice = SetupChoice(
            python=python, wheels=None if index else self.wheels, index=index, reinstall=reinstall
        )
        self.job.start(choice, SMALL, Settings(), {})

    def end(self) -> Any:  # noqa: ANN401 - how a job ended: a proof, an error or nothing
        self._qtbot.waitUntil(lambda: bool(self.ends), timeout=BUILD_MS)
        return self.ends[-1]

    def build(self, **how: object) -> Any:  # noqa: ANN401
        self.start(**how)  # type: ignore[arg-type]
        return self.end()

    def until_pip_holds(self) -> None:
        """pip waits inside the engine's build."""
        self.hold.touch()
        self.start()
        self._qtbot.waitUntil(self.hold.with_name("held").exists, timeout=BUILD_MS)


def building(profile: Path) -> list[int]:
    """Processes that run in the profile's environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(profile / "msa_search" / "env").encode() in words and b"pip" in words:
            found.append(int(process.name))
    return found


@pytest.fixture
def watched(tmp_path: Path, qtbot: QtBot) -> Iterator[Watched]:
    watched = Watched(tmp_path / "profile", tmp_path, qtbot)
    yield watched
    watched.hold.unlink(missing_ok=True)
    watched.job.release()


def module_of(environment: Path, name: str) -> Path:
    return next(environment.glob("lib/python*/site-packages")) / name / "__init__.py"


def test_a_build_from_wheels_ends_in_a_worker_that_the_plugin_finds(watched: Watched) -> None:
    proof = watched.build()
    assert isinstance(proof, Proof), getattr(proof, "tail", proof)
    assert proof.phrase == "fields beside a road"
    environment = watched.job.environment
    assert find_worker("", Host(os.environ, watched.profile)).program == str(environment.program)
    built = environment.built()
    assert (present(built).torch, present(built).version) == ("2.13.0", "0.1")
    assert present(built).megabytes > 5
    assert not environment.cache.exists()
    assert watched.job.state is EnvironmentState.READY


def test_one_environment_is_built_gone_on_with_repaired_and_removed(watched: Watched, qtbot: QtBot) -> None:
    environment = watched.job.environment
    watched.until_pip_holds()
    assert watched.job.state is EnvironmentState.UNFINISHED
    with pytest.raises(WorkerUnfinished, match="half built"):
        find_worker("", Host(os.environ, watched.profile))
    watched.job.cancel()
    assert watched.end().kind == "cancelled"
    qtbot.waitUntil(lambda: not building(watched.profile), timeout=10_000)

    made = environment.folder.stat().st_ino, (environment.folder / "pyvenv.cfg").stat().st_mtime_ns
    record = next(environment.folder.glob("lib/python*/site-packages/tinylib-1.0.dist-info"))
    (record / "INSTALLER").unlink()  # as a pip that was killed among the files leaves it
    module_of(environment.folder, "tinylib").unlink()
    watched.hold.unlink()
    assert isinstance(watched.build(), Proof)
    assert (environment.folder.stat().st_ino, (environment.folder / "pyvenv.cfg").stat().st_mtime_ns) == made
    assert module_of(environment.folder, "tinylib").is_file()

    module_of(environment.folder, "tinytext").write_text("garbage")
    assert isinstance(watched.build(reinstall=True), Proof)
    assert "__version__" in module_of(environment.folder, "tinytext").read_text()

    beside = watched.profile / "msa_search" / "precious.txt"
    beside.write_text("kept")
    (environment.folder / "way out").symlink_to(watched.wheels)
    watched.job.remove()
    qtbot.waitUntil(lambda: watched.ends[-1] == "removed", timeout=BUILD_MS)
    assert not environment.folder.exists()
    assert watched.job.state is EnvironmentState.ABSENT
    assert beside.read_text() == "kept"
    assert list(watched.wheels.glob("*.whl"))


KILLED = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from qgis.core import QgsApplication
app = QgsApplication([], True)
app.initQgis()
from qgis_msa_plugin.settings import Settings
from qgis_msa_plugin.setup.environment import Environment
from qgis_msa_plugin.setup.job import SetupJob
from qgis_msa_plugin.setup.commands import SetupChoice
from qgis_msa_plugin.setup.progress import Sizes
from tests.qgis.tiny_setup_files import tiny_setup_files
job = SetupJob(Environment(Path({profile!r})), tiny_setup_files(Path({site!r})))
job.failed.connect(lambda error: print(error, flush=True))
job.start(SetupChoice(python={python!r}, wheels=Path({wheels!r})), Sizes(1, 1), Settings(), {{}})
app.exec_()
"""


def test_a_killed_qgis_takes_its_pip_along_and_the_next_one_goes_on(watched: Watched, qtbot: QtBot) -> None:
    site = watched.folder / "site of the killed"
    script = KILLED.format(
        root=str(ROOT),
        profile=str(watched.profile),
        site=str(site),
        wheels=str(watched.wheels),
        python=PYTHON,
    )
    site.mkdir()
    (site / "hold").touch()
    qgis = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    )
    try:
        qtbot.waitUntil((site / "held").exists, timeout=BUILD_MS)
        busy = watched.build()
        assert getattr(busy, "kind", "") == "setup_busy"
        assert building(watched.profile)
    finally:
        os.kill(qgis.pid, signal.SIGKILL)
        qgis.wait()
    qtbot.waitUntil(lambda: not building(watched.profile), timeout=10_000)
    assert watched.job.state is EnvironmentState.UNFINISHED
    assert isinstance(watched.build(), Proof)


def test_what_pip_says_of_a_missing_wheel_is_an_error_with_a_remedy(watched: Watched) -> None:
    for wheel in watched.wheels.glob("tinylib*"):
        wheel.unlink()
    error = watched.build()
    assert error.kind == "setup_unreachable"
    assert "tinylib==1.0" in str(error)
    assert "No matching distribution" in error.tail
    assert watched.job.state is EnvironmentState.UNFINISHED
    assert "tinylib" in watched.job.environment.log.read_text()


def test_an_index_out_of_reach_is_told_and_its_password_is_not(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    error = watched.build(index="http://user:hunter2@127.0.0.1:9/simple")
    assert error.kind == "setup_unreachable"
    assert "hunter2" not in watched.job.environment.log.read_text() + "\n".join(watched.lines)


def test_an_environment_whose_worker_does_not_start_stays_unfinished(tmp_path: Path, qtbot: QtBot) -> None:
    broken = Watched(tmp_path / "profile", tmp_path, qtbot, mode="early exit")
    error = broken.build()
    assert error.kind == "worker_died"
    assert broken.job.state is EnvironmentState.UNFINISHED
    broken.job.release()


def test_a_python_that_does_not_exist_is_told(watched: Watched) -> None:
    error = watched.build(python="/nowhere/python3")
    assert error.kind == "setup_failed"
    assert "python3" in str(error)


def test_too_little_room_is_told_before_anything_is_made(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes_module, "free_bytes", lambda folder: 10**6)
    assert watched.build().kind == "setup_no_room"
    assert watched.job.state is EnvironmentState.ABSENT


def test_an_installed_worker_is_verified_and_nothing_is_built(watched: Watched, qtbot: QtBot) -> None:
    watched.job.check(Settings(worker_command=odd_command("good")))
    assert isinstance(watched.end(), Proof)
    assert watched.job.state is EnvironmentState.ABSENT


def test_a_second_window_of_the_same_profile_waits_its_turn(watched: Watched) -> None:
    watched.profile.joinpath("msa_search").mkdir(parents=True)
    other = QLockFile(str(watched.job.environment.lock))
    assert other.tryLock(0)
    error: MsaError = watched.build()
    assert error.kind == "setup_busy"
    other.unlock()
    shutil.rmtree(watched.profile)
