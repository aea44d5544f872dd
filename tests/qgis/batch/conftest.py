from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qgis_msa_plugin.batch.queue import BatchQueue
from tests.qgis.dock.desk import Client

MakeQueue = Callable[..., BatchQueue]


@pytest.fixture
def jobs_folder(tmp_path: Path) -> Path:
    """The folder of the jobs."""
    return tmp_path / "jobs"


@pytest.fixture
def make_queue(client: Client, jobs_folder: Path) -> Iterator[MakeQueue]:
    """Queues over one folder, as the QGIS processes of one profile have them."""
    queues = []

    def make(of: Client = client) -> BatchQueue:
        queues.append(BatchQueue(of, jobs_folder))
        return queues[-1]

    yield make
    for queue in queues:
        queue.release()


@pytest.fixture
def queue(make_queue: MakeQueue) -> BatchQueue:
    return make_queue()
