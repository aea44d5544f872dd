"""How true descriptions are, measured on places whose truth is known."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from numpy.typing import NDArray

from msa_model.index.background import PhraseBackground
from msa_model.measure.describing import (
    DescribedImages,
    describe_left_out,
    evaluate_describing,
    fit_describing,
)
from msa_model.measure.subjects import FALSE, PERHAPS, TRUE, read_labels, read_phrase_subjects, truths
from msa_model.protocol.errors import DatasetUnreadable
from msa_model.shipped import resource

SUBJECTS, D = 12, 64


def unit(vectors: np.ndarray) -> np.ndarray:
    found: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(
        np.float32
    )
    return found


def made_places(noise: float, seed: int = 0, false_share: float = 0.0) -> DescribedImages:
    """Images of twelve subjects by three sources; a share of them show nothing that a phrase says."""
    drawn = np.random.default_rng(seed)
    phrases = unit(drawn.standard_normal((SUBJECTS, D)))
    own = drawn.integers(0, SUBJECTS, 360)
    elsewhere = drawn.random(360) < false_share
    pictures = np.where(elsewhere[:, None], 0, phrases[own]) + noise * drawn.standard_normal((360, D)) / 8
    truth = np.full((360, SUBJECTS), FALSE, np.int8)
    truth[np.flatnonzero(~elsewhere), own[~elsewhere]] = TRUE
    sources = np.array(["a", "b", "c"])[np.arange(360) % 3]
    return DescribedImages(
        unit(pictures),
        sources,
        truth,
        PhraseBackground(phrases, phrases @ np.zeros(D, np.float32)),
        ("",) * SUBJECTS,
    )


def test_clear_places_are_told_of_truly_by_constants_of_other_sources() -> None:
    result = describe_left_out(made_places(0.5))
    assert [row.name for row in result.sources] == ["a", "b", "c", "all, each source alike"]
    assert result.all.places == 360
    assert result.all.shown > 95
    assert result.all.right is not None
    assert result.all.right > 95


def test_places_that_no_phrase_is_true_of_are_mostly_left_alone() -> None:
    places = made_places(0.7, false_share=0.4)
    foreign = ~(places.truth == TRUE).any(axis=1)
    told = evaluate_describing("foreign", places.part(foreign), fit_describing(places))
    known = evaluate_describing("known", places.part(~foreign), fit_describing(places))
    assert told.shown < 6
    assert known.shown > 80


def test_doubt_counts_neither_way() -> None:
    places = made_places(0.5)
    doubtful = np.where(places.truth == TRUE, PERHAPS, places.truth).astype(np.int8)
    row = evaluate_describing(
        "doubt",
        DescribedImages(places.vectors, places.sources, doubtful, places.ground, places.categories),
        fit_describing(places),
    )
    assert row.doubt is not None
    assert row.doubt > 95
    assert row.first_right is None or row.first_right == 0


def test_places_without_truth_are_refused() -> None:
    places = made_places(0.5)
    with pytest.raises(DatasetUnreadable, match="known classes"):
        fit_describing(places.part(np.zeros(360, bool)))


def test_every_shipped_phrase_has_a_truth_and_every_subject_a_phrase() -> None:
    with resource("phrases.csv").open(encoding="utf-8", newline="") as lines:
        bank = [row["phrase"] for row in csv.DictReader(lines)]
    stated, table = read_phrase_subjects(), read_labels()
    assert [row.phrase for row in stated] == bank
    subjects = {label.subject for label in table.values()}
    assert {subject for row in stated for subject in row.says | row.perhaps} <= subjects
    assert subjects <= {subject for row in stated for subject in row.says}
    assert all(not row.says & row.perhaps for row in stated)


def test_what_a_class_may_show_as_well_is_in_doubt() -> None:
    stated = {row.phrase: row for row in read_phrase_subjects()}
    chosen = [stated[phrase] for phrase in ("airport runway", "single airplane on an apron", "glacier")]
    assert truths(chosen, ["airport"], read_labels())["airport"].tolist() == [PERHAPS, PERHAPS, FALSE]
    assert truths(chosen, ["runway", "glacier"], read_labels())["glacier"].tolist() == [FALSE, FALSE, TRUE]
