from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsSettings

from qgis_msa_plugin.settings import (
    Settings,
    current_settings,
    keep_settings,
    parse_scales,
    scales_text,
)

OTHER = Settings(
    worker_command='"C:\\Program Files\\msa.exe" worker',
    device="cuda",
    threads=3,
    model_folder="/models/x",
    cache_folder="/cache",
    phrase_bank="/phrases.csv",
    scales_m=(40.0, 162.5),
    overlap=0.25,
    k=7,
    thumbnails=False,
)


def test_settings_survive_a_restart() -> None:
    keep_settings(OTHER)
    QgsSettings().sync()
    assert current_settings() == OTHER


def test_text_as_an_ini_file_gives_it_back_is_read_by_type() -> None:
    for key, text in (("threads", "3"), ("overlap", "0.25"), ("thumbnails", "false"), ("scales_m", "40, 80")):
        QgsSettings().setValue(f"msa_search/{key}", text)
    settings = current_settings()
    assert (settings.threads, settings.overlap, settings.thumbnails) == (3, 0.25, False)
    assert settings.scales_m == (40.0, 80.0)


def test_nonsense_counts_as_not_stored() -> None:
    for key in ("threads", "overlap", "scales_m"):
        QgsSettings().setValue(f"msa_search/{key}", "many")
    assert current_settings() == Settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k", ["1", "2"]),
        ("k", "0"),
        ("k", 10**12),
        ("k", float("inf")),
        ("threads", -1),
        ("overlap", "nan"),
        ("overlap", 1.0),
        ("device", "tpu; rm"),
        ("scales_m", ["nan"]),
        ("thumbnails", ["true", "false"]),
    ],
)
def test_values_out_of_range_or_of_another_type_count_as_not_stored(key: str, value: object) -> None:
    QgsSettings().setValue(f"msa_search/{key}", value)
    found = current_settings()
    assert found == Settings() or (key == "thumbnails" and not found.thumbnails)


def test_defaults_are_not_stored() -> None:
    keep_settings(OTHER)
    keep_settings(Settings())
    assert not [key for key in QgsSettings().allKeys() if key.startswith("msa_search/")]


def test_a_project_cannot_choose_the_program_that_is_run(qgis_new_project: None) -> None:
    QgsProject.instance().writeEntry("msa_search", "worker_command", "/evil")
    assert current_settings().worker_command == ""


@pytest.mark.parametrize("text", ["40, 160", "40;160", " 40  160 "])
def test_scales_are_read_however_they_are_parted(text: str) -> None:
    assert parse_scales(text) == (40.0, 160.0)
    assert parse_scales(scales_text((40.0, 160.0))) == (40.0, 160.0)


@pytest.mark.parametrize("text", ["0", "-40", "wide", "inf", "nan"])
def test_scales_that_are_no_lengths_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_scales(text)
