"""The archive that `make package` builds, against the plugin site's rules."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools import package
from tools.staging import PLUGIN, stage_plugin


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = stage_plugin(tmp_path_factory.mktemp("package"))
    package.write_baseline(folder)
    return folder


@pytest.fixture(scope="module")
def archive(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("dist") / "msa_search.zip"
    package.write_zip(staged, file)
    return file


def test_the_archive_is_what_the_plugin_site_takes(archive: Path) -> None:
    assert package.faults(archive) == []


def test_the_archive_holds_the_engine_the_checkpoint_and_the_phrases(archive: Path) -> None:
    names = set(zipfile.ZipFile(archive).namelist())
    assert f"{PLUGIN}/_bundled/msa_model/protocol/messages.py" in names
    assert f"{PLUGIN}/resources/phrases.csv" in names
    assert any(name.startswith(f"{PLUGIN}/resources/checkpoints/") for name in names)
    assert not [name for name in names if "/tests/" in name]


def test_the_archive_holds_what_sets_up_the_worker_and_its_translations(archive: Path) -> None:
    names = set(zipfile.ZipFile(archive).namelist())
    pins = {
        f"{PLUGIN}/resources/requirements/{pin}.txt" for pin in ("constraints", "torch", "worker", "setup")
    }
    sources = {f"{PLUGIN}/_bundled/{name}" for name in ("pyproject.toml", "setup.py", "README.md")}
    assert pins | sources | {f"{PLUGIN}/i18n/msa_search_de.qm"} <= names


def test_the_same_sources_give_the_same_bytes(staged: Path, archive: Path, tmp_path: Path) -> None:
    package.write_zip(staged, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_neither_scanner_of_the_plugin_site_finds_anything(staged: Path) -> None:
    assert package.scan(staged) == []


def test_the_scanners_do_find_what_is_wrong(tmp_path: Path) -> None:
    folder = stage_plugin(tmp_path)
    package.write_baseline(folder)
    (folder / "leak.py").write_text('import pickle\nKEY = "' + "AKIA" + "Z2J4K6M8P3Q5R7T9" + '"\n')
    findings = [finding for finding in package.scan(folder) if "leak.py" in finding]
    assert any("B403" in finding for finding in findings)
    assert any("secret" in finding for finding in findings)


@pytest.mark.parametrize("name", ["__pycache__/a.pyc", ".git/config", "lib/tool.so", "a/../b.py"])
def test_names_that_the_site_refuses_are_faults(tmp_path: Path, name: str) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as out:
        for wanted in (*package.REQUIRED, f"{PLUGIN}/{name}"):
            out.writestr(wanted, "")
    assert [fault for fault in package.faults(file) if name in fault]


def test_a_missing_licence_a_second_folder_and_too_many_bytes_are_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "LARGEST", 100)
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as out:
        out.writestr(f"{PLUGIN}/__init__.py", "x" * 200)
        out.writestr("other/readme.txt", "")
    assert len(package.faults(file)) == 4
