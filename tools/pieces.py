"""Data sets of a recipe as tar pieces of at most 60 MiB, for a machine that takes files only in pieces.

    python -m tools.pieces RECIPE.toml DATA PIECES [FILE ...]

packs the caption files and the images that the recipe names, and further files (initial weights, phrases).
`tools/train_gpu.sh` unpacks them.
"""

from __future__ import annotations

import argparse
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msa_model.measure.dataset import read_dataset
from msa_model.research.train.recipe import read_recipe

LIMIT = 60 << 20  # bytes
BLOCK = 512  # of tar: one before each file, and each file filled up to a multiple
END = 10240  # what tar ends with, at most


def data_files(recipe: Path, data: Path) -> list[Path]:
    """Every file that a recipe reads below `data`, relative to it."""
    found: dict[Path, None] = {}
    for entry in read_recipe(recipe).data:
        rows = read_dataset(data / entry.file, data / entry.images)
        found |= dict.fromkeys([Path(entry.file), *(row.path.relative_to(data) for row in rows)])
    return list(found)


def pack(files: Iterable[tuple[Path, str]], folder: Path, limit: int = LIMIT) -> list[Path]:
    """Tar files of at most `limit` bytes in `folder`, each file once, under its name; in the order given.

    A file that is larger by itself gets a piece of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = []
    for number, group in enumerate(_groups(files, limit)):
        pieces.append(folder / f"piece-{number:03d}.tar")
        with tarfile.open(pieces[-1], "w") as tar:
            for file, name in group:
                tar.add(file, name, recursive=False, filter=_plain)
    return pieces


def _groups(files: Iterable[tuple[Path, str]], limit: int) -> Iterator[list[tuple[Path, str]]]:
    group: list[tuple[Path, str]] = []
    size = END
    for file, name in files:
        own = BLOCK * (4 + -(-file.stat().st_size // BLOCK))  # long names take three blocks more
        if group and size + own > limit:
            yield group
            group, size = [], END
        group.append((file, name))
        size += own
    if group:
        yield group


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of this machine: the same files give the same bytes."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry


def main(argv: Sequence[str] | None = None) -> None:
    """Pack, and list what came of it."""
    parser = argparse.ArgumentParser(description="Data sets of a recipe as tar pieces.")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("pieces", type=Path)
    parser.add_argument("files", type=Path, nargs="*", help="further files, put at the top")
    args = parser.parse_args(argv)
    wanted = [(args.data / name, name.as_posix()) for name in data_files(args.recipe, args.data)]
    for piece in pack([*wanted, *((file, file.name) for file in args.files)], args.pieces):
        print(f"{piece}  {piece.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
