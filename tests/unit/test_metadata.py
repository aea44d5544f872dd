"""metadata.txt: what QGIS and its plugin site read, and the one place that states the version."""

from __future__ import annotations

import re
import tomllib
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "resources" / "requirements"
LINKS = ("tracker", "repository", "homepage")
REQUIRED = ("name", "description", "about", "author", "email", "version", "qgisMinimumVersion", *LINKS)


@pytest.fixture(scope="module")
def metadata() -> dict[str, str]:
    parser = ConfigParser()
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # field names are case-sensitive
    parser.read(ROOT / "metadata.txt", encoding="utf-8")
    return dict(parser["general"])


@pytest.mark.parametrize("name", REQUIRED)
def test_the_plugin_site_finds_every_field_it_requires(metadata: dict[str, str], name: str) -> None:
    assert metadata.get(name, "").strip()


def test_texts_hold_no_markup_and_the_name_does_not_say_plugin(metadata: dict[str, str]) -> None:
    assert [k for k, v in metadata.items() if re.search(r"<[a-z/]", v)] == []
    assert "plugin" not in metadata["name"].lower()


def test_links_are_links(metadata: dict[str, str]) -> None:
    assert all(metadata[k].startswith("https://") for k in LINKS)


def test_it_runs_from_qgis_3_22_to_the_last_4(metadata: dict[str, str]) -> None:
    assert metadata["qgisMinimumVersion"] == "3.22"
    assert metadata["qgisMaximumVersion"] == "4.99"
    assert "supportsQt6" not in metadata


def test_qgis_process_finds_the_provider(metadata: dict[str, str]) -> None:
    assert metadata["hasProcessingProvider"] == "yes"


def test_about_names_every_dependency_of_the_worker(metadata: dict[str, str]) -> None:
    about = metadata["about"].lower()
    assert "external dependencies" in about
    for requirement in ("torch", "worker"):
        for line in (ROOT / f"resources/requirements/{requirement}.txt").read_text().splitlines():
            package = line.split("==")[0]
            if line and not line.startswith("#") and package not in {"setuptools", "pillow", "tqdm"}:
                assert package in about


def test_the_icon_exists(metadata: dict[str, str]) -> None:
    assert (ROOT / metadata["icon"]).is_file()


def test_the_version_is_stated_only_in_metadata(metadata: dict[str, str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert "version" not in project
    assert not (ROOT / "resources" / "VERSION").exists()
    assert version("msa-model") == metadata["version"]


def test_the_version_is_numeric_and_the_changelogs_know_it(metadata: dict[str, str]) -> None:
    number = metadata["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", number)
    assert number in metadata["changelog"]
    assert f"## [{number}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_requirement_is_pinned_exactly() -> None:
    for file in sorted(PINS.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                assert re.match(r"[A-Za-z0-9_.-]+==[^=\s]+(\s|$)", line), f"{file.name}: {line}"


def locked(name: str) -> dict[str, str]:
    """What stands after each name and version of a list with hashes."""
    text = (PINS / "locked" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {match[1]: match[2] for line in pins if (match := re.match(r"(\S+==\S+)(.*)", line))}


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("setup", ["setup"]),
        ("text-encoder", ["text-encoder"]),
        ("worker", ["worker"]),
        ("dev", ["worker", "dev"]),
        ("qgis-tests", ["qgis-tests"]),
    ],
)
def test_every_pin_but_torch_is_locked_with_hashes(name: str, sources: list[str]) -> None:
    found = locked(name)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", rest) for rest in found.values())
    assert not [pin for pin in found if pin.startswith(("torch==", "torchvision==", "nvidia-"))]
    for source in sources:
        lines = (PINS / f"{source}.txt").read_text(encoding="utf-8").splitlines()
        assert {line.split()[0] for line in lines if line and not line.startswith("#")} <= set(found)


def test_the_constraints_and_the_locked_pins_are_of_the_same_versions() -> None:
    lines = (PINS / "constraints.txt").read_text(encoding="utf-8").splitlines()
    constrained = dict(
        line.lower().replace("_", "-").split("==") for line in lines if not line.startswith("#")
    )
    for pin in {**locked("worker"), **locked("dev"), **locked("qgis-tests")}:
        package, version_ = pin.split("==")
        assert constrained.get(package, version_) == version_


def test_the_locked_pins_are_for_every_python_and_system() -> None:
    hashes = {pin.split("==")[0]: rest.count("--hash") for pin, rest in locked("worker").items()}
    assert all(hashes[package] > 15 for package in ("numpy", "pillow", "shapely", "pyproj"))
    assert "colorama" in hashes  # which only Windows needs
