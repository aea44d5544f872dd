"""A disk that has no room left is said to be full, whatever a writer calls it, and keeps what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from msa_model.files.folders import check_writable, make_folder
from msa_model.files.replacing import replacing
from msa_model.index.batch_file import BatchFile
from msa_model.protocol.errors import DiskFull


@pytest.mark.parametrize("room", [0, 4_096, 20_480, 40_960])
def test_results_of_a_batch_find_no_room(small_disk: Path, room: int) -> None:
    (small_disk / "map.tif").write_bytes(bytes(200 * 1024 - room))
    with pytest.raises(DiskFull, match="no room left on the disk for"):
        BatchFile(small_disk / "results.gpkg", "EPSG:32633")
    (small_disk / "map.tif").unlink()
    BatchFile(small_disk / "results.gpkg", "EPSG:32633").close()


def test_a_disk_that_takes_no_further_file_is_full(small_disk: Path) -> None:
    kept = small_disk / "0"
    for number in range(8):
        (small_disk / str(number)).write_text("kept")
    with pytest.raises(DiskFull), replacing(kept, lambda _: True) as part:
        part.write_text("new")
    with pytest.raises(DiskFull):
        make_folder(small_disk / "folder")
    with pytest.raises(DiskFull):
        check_writable(small_disk / "9")
    assert kept.read_text() == "kept"
    assert len(list(small_disk.iterdir())) == 8
