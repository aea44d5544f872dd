"""What changed at a place, in phrases of the bank: a sentence that cannot invent anything."""

from __future__ import annotations

import numpy as np

from msa_model.index.changing import ALONG, Floats, unchanged
from msa_model.jobs.change_hits import tile_hits
from msa_model.jobs.change_pair import DatePair
from msa_model.jobs.phrases import PhraseBank
from msa_model.protocol.changing import ChangeHereReply, ChangeHereRequest
from msa_model.protocol.describing import Phrase
from msa_model.protocol.errors import BadArgument

_WAYS = (-1, 1)  # what lost, what gained
_ZERO = 1.5  # deviations that some phrase goes by chance
_SAMPLE = 4096  # tiles that say how unchanged ground goes


def change_here(
    pair: DatePair, bank: PhraseBank, request: ChangeHereRequest, dates: tuple[str, str]
) -> ChangeHereReply:
    """The phrases that gained and lost most at a place, in deviations of unchanged ground.

    Raises:
        PointOutsideRaster: no compared tile lies there.
        BadArgument: `k` is below 1.
    """
    if request.k < 1:
        raise BadArgument(f"The number of phrases must be at least 1, not {request.k}.")
    row = pair.row_at(request.point, request.crs)
    (before,), (after,) = pair.vectors(np.array([row]))
    fits = bank.fits(before), bank.fits(after)
    gains = _gains(pair, bank, row)
    change = float(np.abs(gains).max()) - _ZERO
    at = np.array([row])
    hit = next(tile_hits(pair.before, pair.differences.keys[at], gains[:1], pair.valid[at]))
    lost, gained = np.argsort(gains, kind="stable"), np.argsort(-gains, kind="stable")
    changed = change >= 0
    was, now = _was_and_now(bank, fits, gains, changed=changed)
    return ChangeHereReply(
        sentence=_sentence(was, now, changed=changed),
        gained=tuple(_phrase(bank, i, gains, fits[1]) for i in gained[: request.k].tolist() if gains[i] > 0),
        lost=tuple(_phrase(bank, i, gains, fits[0]) for i in lost[: request.k].tolist() if gains[i] < 0),
        changed=changed,
        change=change,
        bounds=hit.bounds,
        crs=hit.crs,
        date_before=dates[0],
        date_after=dates[1],
        was=was,
        now=now,
    )


def _gains(pair: DatePair, bank: PhraseBank, row: int) -> Floats:
    """How much the fit of each phrase grew at a tile, beside tiles of its scale: [m]."""
    differences = pair.differences
    level = next(level for level in differences.levels if level.rows[row])
    among = np.flatnonzero(level.rows)
    among = among[:: max(1, len(among) // _SAMPLE)]
    ways = (bank.vectors - bank.vectors.mean(axis=0)).T
    usual = [unchanged(moved, ALONG) for moved in (differences.moves[among] @ ways).T]
    middles, spreads = np.array(usual, np.float32).T
    gains: Floats = (differences.moves[row] @ ways - middles) / spreads
    return gains


def _was_and_now(
    bank: PhraseBank, fits: tuple[Floats, Floats], gains: Floats, *, changed: bool
) -> tuple[str, str]:
    """The phrase that fitted best among those that lost, and the best one of those that gained."""
    if not changed:
        return "", bank.phrases[int(fits[1].argmax())]
    was, now = (
        int(np.where(sign * gains > 0, own, -np.inf).argmax()) for own, sign in zip(fits, _WAYS, strict=True)
    )
    return bank.phrases[was], bank.phrases[now]


def _sentence(was: str, now: str, *, changed: bool) -> str:
    return f"From {was} to {now}." if changed else f"No change stands out here: {now}."


def _phrase(bank: PhraseBank, at: int, gains: Floats, fits: Floats) -> Phrase:
    return Phrase(bank.phrases[at], float(gains[at]), float(fits[at] + bank.background[at]))
