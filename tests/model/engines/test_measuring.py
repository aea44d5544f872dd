from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from msa_model.model.engines import choosing, measuring
from msa_model.model.engines.choosing import chosen_engine
from msa_model.model.engines.measuring import measured, try_engines
from msa_model.model.engines.record import (
    MOST_TRIES,
    Comparison,
    Record,
    Timing,
    circumstances,
    read_record,
    write_record,
)
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.models import ENGINE_VARIABLE, Trial

FLOAT, HALF, INT8 = "torch-float32", "torch-bfloat16", "openvino-int8"
SLOW, FAST = Trial(FLOAT, 10.0, 1.0), Trial(INT8, 40.0, 0.99)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv(ENGINE_VARIABLE, "auto")
    return tmp_path


@pytest.mark.parametrize(
    ("trials", "name"),
    [
        ((SLOW, FAST), INT8),
        ((SLOW, Trial(INT8, 40.0, 0.5)), FLOAT),
        ((SLOW, Trial(INT8, fault="it crashed")), FLOAT),
        ((SLOW, Trial(INT8, 10.5, 0.99)), FLOAT),
        ((SLOW, Trial(HALF, 20.0, 0.9999), Trial(INT8, 21.0, 0.99)), HALF),
        ((), FLOAT),
    ],
    ids=["fastest", "another vector", "crash", "not worth it", "bfloat16", "nothing measured"],
)
def test_the_fastest_engine_is_taken_whose_vectors_are_right(trials: tuple[Trial, ...], name: str) -> None:
    assert Record(trials).fastest() == name


def test_what_was_measured_is_kept_for_the_same_circumstances_only() -> None:
    about = circumstances("a" * 64, 2)
    assert read_record(about) is None
    assert write_record(about, Record((SLOW, FAST)))
    assert read_record(about) == Record((SLOW, FAST))
    assert read_record(circumstances("b" * 64, 2)) is None
    assert read_record(circumstances("a" * 64, 1)) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        pytest.param("[" * 9000, id="deep"),
        '{"format": 1}',
        '{"format": 1, "about": [], "trials": 3}',
    ],
)
def test_a_record_that_is_damaged_is_measured_anew(content: str, own_cache: Path) -> None:
    about = circumstances("a" * 64, 2)
    write_record(about, Record((SLOW,)))
    (file,) = (own_cache / "msa-search" / "engines").iterdir()
    file.write_text(content, encoding="utf-8")
    assert read_record(about) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", '"another"'),
        ("name", '"torch-float32:GPU"'),
        ("name", '"openvino-int8:../GPU"'),
        ("name", "3"),
        ("tiles_per_second", "NaN"),
        ("tiles_per_second", "Infinity"),
        ("tiles_per_second", "-1.0"),
        ("tiles_per_second", '"fast"'),
        ("cosine", "null"),
        ("share", "2.0"),
        ("fault", "[]"),
    ],
)
def test_a_record_that_says_what_no_trial_finds_is_measured_anew(
    field: str, value: str, own_cache: Path
) -> None:
    about = circumstances("a" * 64, 2)
    write_record(about, Record((SLOW,)))
    (file,) = (own_cache / "msa-search" / "engines").iterdir()
    told = json.loads(file.read_text(encoding="utf-8"))
    told["trials"][0][field] = "HERE"
    file.write_text(json.dumps(told).replace('"HERE"', value), encoding="utf-8")
    assert read_record(about) is None


@pytest.mark.parametrize("tries", ["Infinity", "0", "1e400", "[]", '"1"'])
def test_a_record_without_a_number_of_tries_is_measured_anew(tries: str, own_cache: Path) -> None:
    about = circumstances("a" * 64, 2)
    write_record(about, Record((SLOW,), tries=77))
    (file,) = (own_cache / "msa-search" / "engines").iterdir()
    file.write_text(file.read_text(encoding="utf-8").replace("77", tries), encoding="utf-8")
    assert read_record(about) is None


def test_an_engine_that_kills_its_process_is_left_out_and_the_others_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "_TRIAL", "tests.model.engines.crashing")
    trials = try_engines(Path(), 1, [FLOAT, HALF, "torch-float32"])
    assert [trial.is_usable for trial in trials] == [True, False, True]
    assert trials[1].fault == "It ended the process that tried it (aborted)."


def test_engines_are_measured_once_and_not_again_for_the_next_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[object] = []

    def tried(folder: Path, threads: int | None, names: Sequence[str]) -> list[Trial]:
        calls.append(names)
        return [Trial(name, 10.0, 1.0) for name in names]

    monkeypatch.setattr(measuring, "try_engines", tried)
    assert measured(Path(), "a" * 64, 1) == measured(Path(), "a" * 64, 1)
    assert len(calls) == 1


def rounds_of(*pairs: tuple[tuple[float, float], tuple[float, float]]) -> tuple[tuple[Timing, Timing], ...]:
    """Rounds of (wall, processor) of torch and of an engine."""
    return tuple((Timing(*torch), Timing(*engine)) for torch, engine in pairs)


def test_a_rate_is_of_rounds_in_which_other_work_met_both() -> None:
    rounds = rounds_of(((1.0, 1.9), (0.5, 0.9)), ((4.0, 1.9), (2.0, 0.9)), ((1.1, 1.9), (9.0, 0.9)))
    found = Comparison(rounds, 2, 1.0)
    assert found.rate(16, by_clock=True) == pytest.approx(32.0)
    assert found.rate(16, by_clock=False) == pytest.approx(16 / 1.9 * (1.9 / 0.9))
    assert found.share == pytest.approx(0.95)


def test_threads_that_wait_for_others_tell_that_the_machine_was_busy() -> None:
    assert Comparison(rounds_of(((4.0, 2.0), (2.0, 1.0)), ((5.0, 2.0), (2.0, 1.0))), 2, 1.0).share == 0.25


def test_what_a_busy_machine_measured_holds_for_one_start_and_the_quietest_of_three_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shares = iter((0.3, 0.6, 0.5, 0.9))

    def tried(folder: Path, threads: int | None, names: object) -> list[Trial]:
        share = next(shares)
        return [Trial(FLOAT, 100 * share, 1.0, share=share), Trial(INT8, fault="There is none.")]

    monkeypatch.setattr(measuring, "try_engines", tried)
    starts = [measured(Path(), "a" * 64, 1) for _ in range(MOST_TRIES + 2)]
    assert [record.share for record in starts] == [0.3, 0.6, 0.6, 0.6, 0.6]
    assert [record.is_settled for record in starts] == [False, False, True, True, True]
    assert measured(Path(), "a" * 64, 1, again=True).share == 0.9
    assert measured(Path(), "a" * 64, 1).share == 0.9


def test_a_busy_machine_s_record_gives_way_to_a_quiet_one_s(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = iter(([Trial(FLOAT, 50.0, 1.0, share=0.2)], [Trial(INT8, 90.0, 1.0, share=0.9)]))
    monkeypatch.setattr(measuring, "try_engines", lambda *_: next(trials))
    assert measured(Path(), "a" * 64, 1).fastest() == FLOAT
    assert measured(Path(), "a" * 64, 1).fastest() == INT8
    assert measured(Path(), "a" * 64, 1).fastest() == INT8


def test_an_engine_that_was_wanted_and_cannot_be_is_replaced_by_torch_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = Record((SLOW, Trial(INT8, fault="It crashed.")))
    monkeypatch.setattr(choosing, "measured", lambda *_: record)
    choice = chosen_engine(INT8, Path(), "a" * 64, 1)
    assert choice.name == "torch"
    assert choice.note == (
        "The engine 'openvino-int8' cannot be used: It crashed. The model runs on torch instead."
    )


def test_torch_is_taken_at_its_word_and_on_a_graphics_card_without_measuring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choosing, "measured", lambda *_: pytest.fail("measured"))
    assert chosen_engine(FLOAT, Path(), "a" * 64, 1).name == FLOAT
    assert chosen_engine("auto", Path(), "a" * 64, 1, "cuda:0").name == "torch"
    assert "does not run on cuda:0" in chosen_engine(INT8, Path(), "a" * 64, 1, "cuda:0").note


def test_an_engine_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadArgument, match="no engine 'onnx'; there are: auto, torch, torch-float32"):
        chosen_engine("onnx", Path(), "a" * 64, 1)
