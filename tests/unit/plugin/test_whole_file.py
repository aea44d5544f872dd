"""Files of the plugin are written whole; what a killed QGIS left of them goes with the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from qgis_msa_plugin.whole_file import write_new, write_whole

NAME = "phrases.csv"
KILLED = """
import os, signal, sys
from pathlib import Path
from qgis_msa_plugin.whole_file import write_whole
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), b"half")
"""


def killed(path: Path) -> None:
    code = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False).returncode
    assert code == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("write", [write_whole, write_new])
def test_what_a_killed_qgis_left_goes_with_the_next_one(
    tmp_path: Path, write: Callable[[Path, bytes], object]
) -> None:
    killed(tmp_path / NAME)
    killed(tmp_path / "other.csv")
    (left,) = tmp_path.glob(f".writing-*/{NAME}")
    write(tmp_path / NAME, b"whole")
    assert not left.parent.exists()
    assert (tmp_path / NAME).read_bytes() == b"whole"
    assert len([*tmp_path.glob(".writing-*/other.csv")]) == 1


def test_a_file_that_is_there_is_no_new_one(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / NAME, b"whole")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"mine"]


def test_who_may_read_a_file_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write_whole(path, b"one")
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask(tmp_path)
    path.chmod(0o640)
    write_whole(path, b"two")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / NAME).write_bytes(b"one")
    (tmp_path / NAME).symlink_to(Path("shared") / NAME)
    write_whole(tmp_path / NAME, b"two")
    assert (tmp_path / NAME).is_symlink()
    assert (tmp_path / "shared" / NAME).read_bytes() == b"two"
    assert [file.name for file in (tmp_path / "shared").iterdir()] == [NAME]


def umask(folder: Path) -> int:
    plain = folder / "plain"
    plain.touch()
    return 0o666 & ~plain.stat().st_mode
