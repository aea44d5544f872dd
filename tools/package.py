"""Build dist/msa_search-VERSION.zip and check it as the plugin site does before it accepts an upload."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tools.staging import PLUGIN, ROOT, stage_plugin, version

LARGEST = 25_000_000
REQUIRED = {f"{PLUGIN}/__init__.py", f"{PLUGIN}/metadata.txt", f"{PLUGIN}/LICENSE"}
BASELINE = ".secrets.baseline"
DIGESTS = ("resources/checkpoints",)
UNWANTED = re.compile(
    r"__pycache__|\.pyc$|__MACOSX|/\.(?!secrets\.baseline$)|\.\.|\\|\.(so|dll|exe|dylib|whl)$"
)
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same sources give the same bytes


def write_zip(staged: Path, archive: Path) -> None:
    """Pack the staged folder under its own name, in name order."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for file in sorted(f for f in staged.rglob("*") if f.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(staged.parent).as_posix(), FIXED_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            out.writestr(entry, file.read_bytes())


def faults(archive: Path) -> list[str]:
    """What the plugin site would refuse about the archive's size and names."""
    with zipfile.ZipFile(archive) as packed:
        names = set(packed.namelist())
    found = [f"{name} is not allowed in a plugin" for name in sorted(names) if UNWANTED.search(name)]
    found += [f"{name} is missing" for name in sorted(REQUIRED - names)]
    if {name.split("/")[0] for name in names} != {PLUGIN}:
        found.append("there is more than one top folder")
    if archive.stat().st_size > LARGEST:
        found.append(f"{archive.stat().st_size:,} bytes are more than {LARGEST:,}")
    return found


def write_baseline(staged: Path) -> None:
    """Tell detect-secrets that the checksums of weights are no secrets; the site reads this file too."""
    found = _run(staged, "detect_secrets", "scan", "--all-files", *DIGESTS)
    (staged / BASELINE).write_text(found, encoding="utf-8")


def scan(staged: Path) -> list[str]:
    """Findings of Bandit and detect-secrets, either of which blocks an upload."""
    template = ("-f", "custom", "--msg-template", "{relpath}:{line} {test_id} {msg}")
    bandit = _run(staged, "bandit", "-q", "-r", ".", *template)
    secrets = json.loads(_run(staged, "detect_secrets", "scan", "--all-files", "."))["results"]
    known = {BASELINE, *json.loads((staged / BASELINE).read_text(encoding="utf-8"))["results"]}
    return [*bandit.splitlines(), *(f"{name}: looks like a secret" for name in secrets if name not in known)]


def _run(folder: Path, module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode > 1:
        sys.exit(f"{module} failed: {done.stderr}")
    return done.stdout


def main() -> int:
    """Package, check, report; 1 if anything would be refused."""
    staged = stage_plugin(ROOT / "build" / "package")
    write_baseline(staged)
    archive = ROOT / "dist" / f"msa_search-{version()}.zip"
    write_zip(staged, archive)
    found = [*faults(archive), *scan(staged)]
    for fault in found:
        print(fault, file=sys.stderr)
    size = archive.stat().st_size
    print(f"{archive.relative_to(ROOT)}: {size:,} of at most {LARGEST:,} bytes; {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
