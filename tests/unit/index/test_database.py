"""Files beside an index that have the names of SQLite's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.index.database import connect_for_writing, prepare_writing
from msa_model.protocol.errors import FileNotOurs

KILLED = """
import os, sys
from pathlib import Path
from msa_model.index.database import connect_for_writing, prepare_writing
connection = connect_for_writing(Path(sys.argv[1]))
prepare_writing(connection)
connection.execute("CREATE TABLE kept (a)")
os._exit(0)
"""


@pytest.mark.parametrize("end", ["-wal", "-journal", "-shm"])
def test_a_file_of_somebody_else_with_the_name_of_sqlites_own_is_kept(tmp_path: Path, end: str) -> None:
    (tmp_path / f"index.gpkg{end}").write_text("my diary")
    with pytest.raises(FileNotOurs, match="no file of SQLite"):
        connect_for_writing(tmp_path / "index.gpkg")
    assert (tmp_path / f"index.gpkg{end}").read_text() == "my diary"


def test_what_a_killed_process_left_of_sqlites_own_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "index.gpkg"
    subprocess.run([sys.executable, "-c", KILLED, path], check=True)
    assert path.with_name("index.gpkg-shm").stat().st_size > 0
    connection = connect_for_writing(path)
    prepare_writing(connection)
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second = connect_for_writing(path)  # while the first has them open
    assert second.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second.close()
    connection.close()
