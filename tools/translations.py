"""Keep i18n/*.ts at the strings of the plugin, and compile them to what Qt loads.

Qt's own lupdate reads no module-level `tr()` of Python into one context, so the strings are found with `ast`;
those of errors and of the engine's warnings stand in tables.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from msa_model.protocol.error_table import ERRORS
from msa_model.protocol.warning_table import WARNINGS

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "qgis_msa_plugin"
ERROR_TABLE = "msa_model/protocol/error_table.py"
WARNING_TABLE = "msa_model/protocol/warning_table.py"
FOLDER = ROOT / "i18n"
CONTEXT = "MSA Search"
HEADER = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
LRELEASE = ("lrelease", "lrelease-qt5", "lrelease6", "/usr/lib/qt5/bin/lrelease", "/usr/lib/qt6/bin/lrelease")


class NotLiteral(ValueError):
    """A `tr()` whose text only running the program would tell."""


def strings_of(source: str, place: str) -> Iterator[str]:
    """The texts of all `tr("...")` calls, in order.

    Raises:
        NotLiteral: one of them is called with something else.
    """
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if not (isinstance(call.func, ast.Name) and call.func.id == "tr"):
            continue
        text = call.args[0] if len(call.args) == 1 else None
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
            raise NotLiteral(f"{place}:{call.lineno}: tr() wants one literal text")
        yield text.value


def strings_of_plugin() -> dict[str, str]:
    """Every text of the plugin with the file that says it first, in the order of the files; tables last."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / PLUGIN).rglob("*.py")):
        place = file.relative_to(ROOT).as_posix()
        for text in strings_of(file.read_text(encoding="utf-8"), place):
            found.setdefault(text, place)
    for row in ERRORS.values():
        for text in (row.heading, row.remedy_in_qgis):
            found.setdefault(text, ERROR_TABLE)
    for text in WARNINGS.values():
        found.setdefault(text, WARNING_TABLE)
    return found


def translations_of(file: Path) -> dict[str, str]:
    """The finished translations of a .ts file."""
    if not file.is_file():
        return {}
    messages = ET.parse(file).getroot().iter("message")  # noqa: S314
    pairs = ((m.findtext("source") or "", m.find("translation")) for m in messages)
    return {
        source: node.text
        for source, node in pairs
        if node is not None and node.get("type") is None and node.text
    }


def update(file: Path, strings: dict[str, str]) -> list[str]:
    """Write the file anew: translations stay, new texts are unfinished, gone ones are dropped.

    Returns:
        The texts that want a translation.
    """
    known = translations_of(file)
    language = file.stem.rpartition("msa_search_")[2]
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for text, place in strings.items():
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "location", filename=place)
        ET.SubElement(message, "source").text = text
        translation = ET.SubElement(message, "translation")
        translation.text = known.get(text)
        if text not in known:
            translation.set("type", "unfinished")
    ET.indent(root, space="  ")
    file.write_text(HEADER + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    return [text for text in strings if text not in known]


def release(target: Path) -> list[Path]:
    """Compile every .ts file into `target`."""
    program = next((found for name in LRELEASE if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("lrelease is not installed; 'make setup' installs it.")
    target.mkdir(parents=True, exist_ok=True)
    made = []
    for file in sorted(FOLDER.glob("*.ts")):
        compiled = target / f"{file.stem}.qm"
        subprocess.run([program, "-silent", str(file), "-qm", str(compiled)], check=True)
        made.append(compiled)
    return made


def main() -> int:
    """Update the files and say what is untranslated; 1 if anything is."""
    strings = strings_of_plugin()
    missing = 0
    for file in sorted(FOLDER.glob("*.ts")):
        unfinished = update(file, strings)
        missing += len(unfinished)
        print(f"{file.relative_to(ROOT)}: {len(strings) - len(unfinished)} of {len(strings)} translated")
        for text in unfinished:
            print(f"  {text!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
