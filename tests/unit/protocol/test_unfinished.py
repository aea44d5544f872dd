"""What a killed process left of a file in the making goes with the next run that makes the same file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.files.replacing import replacing
from msa_model.index.lock import WriterLock

NAME = "results.gpkg"
BUSY = """
import sys
from pathlib import Path
from msa_model.files.replacing import replacing
with replacing(Path(sys.argv[1]), lambda path: False) as part:
    part.write_bytes(b"half")
    part.with_name(part.name + "-journal").write_bytes(b"a writer's own")
    print(part.parent, flush=True)
    sys.stdin.read()
"""


pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


def write(path: Path) -> None:
    with replacing(path, lambda path: True) as part:
        part.write_bytes(b"whole")


def busy(path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process in the middle of writing the file, and the folder in which it does."""
    command, pipe = [sys.executable, "-c", BUSY, str(path)], subprocess.PIPE
    process = subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def killed(path: Path) -> Path:
    process, folder = busy(path)
    process.kill()
    process.communicate()
    assert {file.name for file in folder.iterdir()} >= {path.name, path.name + "-journal"}
    return folder


def test_what_a_killed_process_left_goes_with_the_next_one(tmp_path: Path) -> None:
    killed(tmp_path / NAME)
    write(tmp_path / NAME)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(NAME, b"whole")]


def test_what_it_left_of_another_file_stays(tmp_path: Path) -> None:
    folder = killed(tmp_path / "other.gpkg")
    write(tmp_path / NAME)
    assert (folder / "other.gpkg").read_bytes() == b"half"


def test_a_folder_with_something_else_in_it_stays_whole(tmp_path: Path) -> None:
    folder = killed(tmp_path / NAME)
    (folder / "precious.txt").write_text("mine")
    before = sorted(folder.iterdir())
    write(tmp_path / NAME)
    assert sorted(folder.iterdir()) == before


def test_a_folder_that_holds_a_folder_or_a_link_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    with_folder = killed(tmp_path / NAME)
    (with_folder / (NAME + "-more")).mkdir()
    with_link = killed(tmp_path / NAME)
    (with_link / (NAME + "-more")).symlink_to(tmp_path / "elsewhere")
    write(tmp_path / NAME)
    assert (with_folder / NAME).exists()
    assert (with_link / NAME).exists()


def test_a_link_to_such_a_folder_leads_nowhere(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    folder = killed(tmp_path / NAME)
    (place / ".writing-link").symlink_to(folder)
    write(place / NAME)
    assert (folder / NAME).exists()


def test_a_folder_of_a_process_that_lives_stays(tmp_path: Path) -> None:
    process, folder = busy(tmp_path / NAME)
    write(tmp_path / NAME)
    assert (folder / NAME).read_bytes() == b"half"
    process.communicate("")
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("content", [None, b"", b"made by msa-search"])
def test_a_folder_of_that_name_without_proof_is_left_alone(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / ".writing-novel"
    folder.mkdir()
    (folder / NAME).write_text("chapter one")
    if content is not None:
        (folder / "msa-search").write_bytes(content)
    write(tmp_path / NAME)
    assert (folder / NAME).read_text() == "chapter one"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_in_place_of_the_proof_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / ".writing-pipe"
    folder.mkdir()
    os.mkfifo(folder / "msa-search")
    write(tmp_path / NAME)
    assert (folder / "msa-search").exists()


def test_what_was_left_of_a_lock_goes_with_the_next_one(tmp_path: Path) -> None:
    killed(tmp_path / "index.gpkg.msa-lock")
    WriterLock(tmp_path / "index.gpkg").release()
    assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(".msa-lock")] == []
