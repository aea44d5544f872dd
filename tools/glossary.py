"""Fill resources/glossary.csv from OpenStreetMap's names of what maps show.

    python -m tools.glossary PACKAGE

PACKAGE is the unpacked npm package @openstreetmap/id-tagging-schema (ISC licence). Which presets are listed,
and by which English words the model is asked for them, stands in the file and is written by hand.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

GLOSSARY = Path(__file__).resolve().parent.parent / "resources" / "glossary.csv"
LANGUAGES = {code: code for code in ("de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "ar")}
LANGUAGES |= {"zh": "zh-CN", "ja": "ja", "ko": "ko"}
_ASIDE = re.compile(r"[(\uff08].*?[)\uff09]")
_BETWEEN = re.compile(r"[/、\uff0f]| oder | ou | или | or ")


def names(translated: Mapping[str, Any], english: Mapping[str, Any], preset: str) -> str:
    """A preset's names in a language, parted by `|`; empty where it is not translated."""
    name = translated.get(preset, {}).get("name", "")
    if name == english.get(preset, {}).get("name"):
        return ""
    parts = (" ".join(part.split()) for part in _BETWEEN.split(_ASIDE.sub("", name)))
    return "|".join(dict.fromkeys(filter(None, parts)))


def fill(glossary: Path, package: Path) -> int:
    """Write the languages' columns anew; how many presets there are."""
    with glossary.open(encoding="utf-8", newline="") as lines:
        listed = [(row["preset"], row["english"]) for row in csv.DictReader(lines)]
    english, *others = (_presets(package, code) for code in ("en", *LANGUAGES.values()))
    with glossary.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("preset", "english", *LANGUAGES))
        for preset, words in listed:
            out.writerow((preset, words, *(names(other, english, preset) for other in others)))
    return len(listed)


def _presets(package: Path, code: str) -> dict[str, Any]:
    text = (package / "dist" / "translations" / f"{code}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)[code]["presets"]["presets"]
    return found


if __name__ == "__main__":
    print(f"{fill(GLOSSARY, Path(sys.argv[1]))} presets in {len(LANGUAGES)} languages")
