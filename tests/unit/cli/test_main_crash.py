"""Failures of a command that nobody has foreseen, pipes that nobody reads, and Ctrl-C: never a traceback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from msa_model.cli import info
from msa_model.cli.main import main

BROKEN = """
import sys
from msa_model.cli import info
from msa_model.cli.main import main
def fail(args):
    {statement}
info.run = fail
sys.exit(main(["info"]))
"""


def broken(statement: str, folder: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """`msa info` in a process of its own, whose work is the statement."""
    code = BROKEN.format(statement=statement)
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_nobody_has_foreseen_is_a_sentence_and_a_file_with_the_traceback(tmp_path: Path) -> None:
    done = broken("{}['colour of https://host/a?token=abcdef123456']", tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.startswith("msa: This failed in a way that nobody has foreseen (KeyError: ")
    file = Path(re.search(r"details in (\S+)\.$", done.stderr.strip())[1])  # type: ignore[index]
    text = file.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "KeyError" in text
    assert "abcdef123456" not in text + done.stderr
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("open('x' * 5000)", "File name too long"),
        ("raise MemoryError", "not enough memory"),
        ("raise OSError(28, 'No space left on device')", "no room left"),
        ("class Panic(BaseException): pass\n    raise Panic('of a library')", "Panic: of a library"),
    ],
)
def test_other_failures_are_named_or_kept_too(tmp_path: Path, statement: str, says: str) -> None:
    done = broken(statement, tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_temporary_folder_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(_: object) -> None:
        raise KeyError("colour")

    monkeypatch.setattr(info, "run", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert main(["info"]) == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize("both", [False, True])
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(both: bool) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = BROKEN.format(statement="print('x' * 10**6); print('y', file=sys.stderr)")
    streams = {"stdout": writing, "stderr": writing if both else subprocess.PIPE}
    done = subprocess.run([sys.executable, "-c", code], **streams, check=False, timeout=120)  # type: ignore[call-overload]
    os.close(writing)
    assert done.returncode == 1
    assert not done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send to one process")
def test_ctrl_c_ends_a_command_with_a_line(tmp_path: Path) -> None:
    done = broken(
        f"import os; os.kill(os.getpid(), {int(signal.SIGINT)}); import time; time.sleep(60)", tmp_path
    )
    assert done.returncode == 130
    assert done.stderr == "Cancelled; what was finished is kept.\n"
