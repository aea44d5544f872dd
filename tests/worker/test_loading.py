"""Between the greeting and the first job: loading, failing to load, and what libraries print meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from msa_model.model.checkpoint import default_checkpoint
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.rpc import BUILD, FAILED, RANK, SHUTDOWN, Failure, Notification, Reply
from tests.worker.client import WorkerProcess, started_worker
from tests.worker.conftest import scan_of

NOISY = """
import os, sys

print("printed at start")

def chatter(event, args):
    if event == "sqlite3.connect":
        print("printed in a job")
        os.write(1, b"written by C\\n")
        os.system("echo said by a grandchild; cat")

sys.addaudithook(chatter)
"""


def failure_to_load(worker: WorkerProcess) -> str:
    message = worker.wait_for(lambda m: isinstance(m, Notification), 60)
    assert isinstance(message, Notification)
    assert message.method == FAILED
    assert message.params["sentence"]
    return str(message.params["kind"])


def test_a_stream_that_ends_while_the_model_loads_ends_the_worker() -> None:
    with started_worker() as worker:
        worker.initialize()
        worker.close_stdin()
        assert worker.exit_code() == 0


def test_requests_sent_while_the_model_loads_are_answered_afterwards() -> None:
    with started_worker() as worker:
        worker.initialize()
        outcome = worker.outcome(worker.request(RANK, SearchRequest("", ())), 60)
        assert isinstance(outcome, Failure)
        assert outcome.error.kind == "query_empty"


def test_without_its_checkpoint_a_worker_refuses_by_name_and_still_says_goodbye(tmp_path: Path) -> None:
    with started_worker() as worker:
        worker.initialize(model=str(tmp_path / "nowhere"))
        assert failure_to_load(worker) == "checkpoint_missing"
        assert worker.refusal(RANK, SearchRequest("river", ())).error.kind == "checkpoint_missing"
        assert worker.refusal(BUILD).error.kind == "checkpoint_missing"
        worker.call(SHUTDOWN)
        assert worker.exit_code() == 0


def test_a_corrupt_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    folder = shutil.copytree(default_checkpoint(), tmp_path / "model")
    weights = folder / "model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    with started_worker() as worker:
        worker.initialize(model=str(folder))
        assert failure_to_load(worker) == "checkpoint_corrupt"


def test_a_device_that_is_not_there_is_refused_by_name() -> None:
    with started_worker() as worker:
        worker.initialize(device="cuda:99")
        assert failure_to_load(worker) == "device_unavailable"


def test_an_incomplete_environment_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['torch'] = None")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), os.getcwd()))}
    with started_worker(environment=environment) as worker:
        worker.initialize()
        assert failure_to_load(worker) == "worker_missing"
        assert "torch" in worker.refusal(RANK, SearchRequest("river", ())).error.sentence


def test_what_libraries_print_lands_in_the_log_and_not_on_the_wire(scene: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NOISY)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), os.getcwd()))}
    environment.pop("PYTHONUNBUFFERED", None)  # with it, what is printed before main is on the wire at once
    with started_worker(environment=environment) as worker:
        worker.initialize()
        worker.ready()
        outcome = worker.outcome(worker.request(BUILD, scan_of(scene, tmp_path / "index.gpkg")), 120)
        assert isinstance(outcome, Reply), outcome
        worker.call(SHUTDOWN)
        assert worker.exit_code() == 0
    for line in ("printed at start", "printed in a job", "written by C", "said by a grandchild"):
        assert line in worker.log()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no niceness on this system")
@pytest.mark.parametrize(("priority", "lower"), [("", 10), ("normal", 0)])
def test_the_worker_yields_to_qgis_unless_the_machine_is_there_for_it(
    priority: str, lower: int, scene: Path, tmp_path: Path
) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with started_worker(environment={**os.environ, "MSA_SEARCH_PRIORITY": priority}) as worker:
        worker.initialize()
        worker.ready()
        assert worker.outcome(worker.request(BUILD, scan_of(scene, tmp_path / "index.gpkg")), 120)
        for thread in Path(f"/proc/{worker.process.pid}/task").iterdir():
            assert os.getpriority(os.PRIO_PROCESS, int(thread.name)) >= min(19, own + lower)
        assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == min(19, own + lower)
