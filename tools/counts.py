"""The counts of docs/experiments.md: files and lines of the product, and rings of folders.

python -m tools.counts [CHECKOUT]
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGES = ("msa_model", "qgis_msa_plugin")
SHORT = 60  # lines


def sources(checkout: Path) -> list[Path]:
    """The product's modules, but for the marks that a folder is a package."""
    files = (file for package in PACKAGES for file in sorted((checkout / package).rglob("*.py")))
    return [file for file in files if file.name != "__init__.py"]


def folder_of(name: str) -> str:
    """'msa_model.jobs' of 'msa_model.jobs.scan'; the module itself where it lies in no folder."""
    return ".".join(name.split(".")[:2])


def imports(checkout: Path) -> dict[str, set[str]]:
    """Which folders each folder imports, whenever it does so."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sources(checkout):
        own = folder_of(".".join(file.relative_to(checkout).with_suffix("").parts))
        for name in _imported(ast.parse(file.read_text(encoding="utf-8"))):
            if name.split(".")[0] in PACKAGES and folder_of(name) != own:
                found[own].add(folder_of(name))
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def largest_ring(edges: Mapping[str, set[str]]) -> set[str]:
    """The most folders of which each reaches every other."""
    reached = {start: _reached(edges, start) for start in edges}
    rings = [
        {other for other in reach if start in reached.get(other, ())} for start, reach in reached.items()
    ]
    return max(rings, key=len, default=set())


def _reached(edges: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges.get(name, ())
    return found


def main() -> None:
    """Print them, for each package and for both."""
    checkout = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources(checkout)}
    for package in (*PACKAGES, ""):
        own = [lines for file, lines in lengths.items() if file.is_relative_to(checkout / package)]
        short = sum(lines < SHORT for lines in own)
        print(
            f"{package or 'both':16} files {len(own):4}   lines {sum(own):6}   largest {max(own):4}   "
            f"median {statistics.median(own):4.0f}   under {SHORT} lines {short:4}"
        )
    ring = largest_ring(imports(checkout))
    print(f"largest ring of folders: {len(ring)} {' '.join(sorted(ring))}")


if __name__ == "__main__":
    main()
