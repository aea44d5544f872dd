"""Files served over HTTP, in ranges, by a process of its own: GDAL holds Python's lock while it reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

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
        place, _, asked = path.partition("?")
        if place.endswith("/"):
            return _listed(self._folder / place.strip("/"), parse_qs(asked))
        return (self._folder / place.lstrip("/")).read_bytes()


def _listed(bucket: Path, asked: dict[str, list[str]]) -> bytes:
    """The answer of an object store to a request for the names in a bucket, of version 1 of its protocol."""
    prefix = "".join(asked.get("prefix", []))
    names = sorted(file.relative_to(bucket).as_posix() for file in bucket.rglob("*") if file.is_file())
    rows = "".join(
        f"<Contents><Key>{escape(name)}</Key><Size>{(bucket / name).stat().st_size}</Size>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for name in names
        if name.startswith(prefix)
    )
    head = f"<Name>{bucket.name}</Name><Prefix>{prefix}</Prefix><IsTruncated>false</IsTruncated>"
    return f"<ListBucketResult>{head}{rows}</ListBucketResult>".encode()


def main(folder: str, log: str) -> None:
    """Serve until the input ends."""
    with map_server(lambda *_: b"") as served, Path(log).open("w", buffering=1) as lines:

        def note(path: str) -> int | None:
            lines.write(f"{path}\n")
            place, _, asked = path.partition("?")
            there = Path(folder) / place.strip("/")
            lists = place.endswith("/") and ("delimiter=" in asked or "prefix=" in asked) and there.is_dir()
            return None if lists or there.is_file() else 404

        served.fault, served.files = note, _Folder(Path(folder))
        print(served.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
