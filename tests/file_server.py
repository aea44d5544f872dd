"""Files served over HTTP, in ranges, by a process of its own: GDAL holds Python's lock while it reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.map_server import map_server

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class FileServer:
    """Serves a folder's files as they are at each request."""

    port: int
    log: Path

    def vsicurl(self, name: str) -> str:
        """GDAL's name of a file."""
        return f"/vsicurl/http://127.0.0.1:{self.port}/{name}"

    def requests(self) -> list[str]:
        """The paths asked for so far."""
        return self.log.read_text().split()


@contextmanager
def file_server(folder: Path, log: Path) -> Iterator[FileServer]:
    """The files of a folder, on loopback, until the block ends."""
    command = [sys.executable, "-m", "tests.file_server", str(folder), str(log)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        yield FileServer(int(process.stdout.readline()), log)
        process.stdin.close()


class _Folder(dict[str, bytes]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __contains__(self, path: object) -> bool:
        return True

    def __getitem__(self, path: str) -> bytes:
        return (self._folder / path.lstrip("/")).read_bytes()


def main(folder: str, log: str) -> None:
    """Serve until the input ends."""
    with map_server(lambda *_: b"") as served, Path(log).open("w", buffering=1) as lines:

        def note(path: str) -> int | None:
            lines.write(f"{path}\n")
            return None if (Path(folder) / path.partition("?")[0].lstrip("/")).is_file() else 404

        served.fault, served.files = note, _Folder(Path(folder))
        print(served.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
