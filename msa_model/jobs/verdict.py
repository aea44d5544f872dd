"""Honest scores: what the best tiles of a query are worth beside those of background phrases."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from msa_model.index.standing import BEST, Background, BestScores
from msa_model.jobs.open_indexes import OpenIndex
from msa_model.jobs.phrases import PhraseBank, PhraseBanks
from msa_model.jobs.questions import Questions
from msa_model.jobs.ranked import rank_indexes, tiles_meeting
from msa_model.jobs.search import open_all
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import SearchRequest
from msa_model.protocol.ranking import VerdictReply

_GOOD, _DOUBTFUL = 1.5, 0.5

Floats = NDArray[np.float32]


class Verdicts:
    """Verdicts on searches, with the phrases' best scores kept for each open index."""

    def __init__(self, questions: Questions, banks: PhraseBanks) -> None:
        self._questions = questions
        self._banks = banks
        self._best: WeakKeyDictionary[OpenIndex, BestScores] = WeakKeyDictionary()

    def verdict(self, request: SearchRequest) -> tuple[VerdictReply, bytes]:
        """The verdict on a search and the columns for its hits.

        Raises:
            BadArgument: there is no tile to judge.
            And what the search itself raises.
        """
        opened = open_all(self._questions, request)
        query = self._questions.ask(request).vector
        found = rank_indexes(opened, query, max(request.k, BEST), request.aoi)
        if not len(found):
            raise BadArgument("There is no indexed tile to judge.")
        vectors = found.vectors
        calibrating = self._banks.bank(None)
        best = self._best_scores(calibrating, opened, request)
        background = Background.of(best, calibrating.background)
        scale = background.scale(float(query @ self._questions.encoder.background))
        standing = scale.honest(float(found.scores[:BEST].mean()))
        fits = calibrating.fits(vectors)
        runner = fits[:BEST].mean(axis=0)
        reply = VerdictReply(
            level="good" if standing >= _GOOD else "doubtful" if standing >= _DOUBTFUL else "nothing",
            standing=standing,
            percentile=background.percentile(standing),
            offset=scale.offset,
            spread=scale.spread,
            runner_up=calibrating.phrases[int(runner.argmax())],
            runner_up_standing=float((runner.max() - background.standings.mean()) / scale.spread),
            phrases=calibrating.phrases,
            categories=tuple(dict.fromkeys(calibrating.categories)),
        )
        return reply, _columns(calibrating, fits[: request.k])

    def _best_scores(
        self, bank: PhraseBank, opened: Sequence[OpenIndex], request: SearchRequest
    ) -> BestScores:
        joined = BestScores(bank.vectors)
        for index in opened:
            if request.aoi is None:
                joined.join(self._whole(bank, index))
            else:
                joined.add(index.table.vectors[tiles_meeting(index, request.aoi)])
        return joined

    def _whole(self, bank: PhraseBank, index: OpenIndex) -> BestScores:
        """Of all tiles of an index; those that were added since are looked at, the others not again."""
        best = self._best.setdefault(index, BestScores(bank.vectors))
        best.add(index.table.vectors[best.tiles :])
        return best


def _columns(bank: PhraseBank, fits: Floats) -> bytes:
    phrases = fits.argmax(axis=1)
    numbers = {category: i for i, category in enumerate(dict.fromkeys(bank.categories))}
    categories = np.array([numbers[category] for category in bank.categories], "<i4")
    scores = fits.max(axis=1)
    return b"".join(
        (phrases.astype("<i4").tobytes(), categories[phrases].tobytes(), scores.astype("<f4").tobytes())
    )
