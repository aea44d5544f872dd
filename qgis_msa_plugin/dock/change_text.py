"""What changed between two dates, in words."""

from __future__ import annotations

from typing import Optional

from msa_model.protocol.changing import ChangeHit, ChangeReply
from msa_model.protocol.match import match_of
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


def change_text(hit: ChangeHit) -> str:
    """What the place was and is."""
    if hit.phrase_before == hit.phrase_after:
        return hit.phrase_after
    return f"{hit.phrase_before} → {hit.phrase_after}"


def change_details(hit: ChangeHit) -> str:
    """The figures of a hit, and what keys do."""
    text = tr("Change {change}: how much further the place went that way than unchanged ground does.")
    lines = [text.format(change=wording.decimal(hit.change, 2))]
    for text, date, score, phrase in (
        (tr("Before ({date}): {phrase}"), hit.date_before, hit.score_before, hit.phrase_before),
        (tr("After ({date}): {phrase}"), hit.date_after, hit.score_after, hit.phrase_after),
    ):
        lines.append(text.format(date=date or "?", phrase=phrase) + _honest(score))
    text = tr("The tile is {scale} wide on the ground; {share} % of its pixels hold data.")
    share = wording.decimal(100 * hit.valid, 0)
    lines.append(text.format(scale=wording.metres(hit.scale_m), share=share))
    lines.append(tr("Click to go there: the map changes between the dates. T shows the other date."))
    return "\n".join(lines)


def change_verdict(reply: ChangeReply) -> str:
    """Whether anything changed that way, and in lines of their own what may only look so."""
    levels = {
        "strong": tr("Stands out from unchanged ground."),
        "likely": tr("Stands out from unchanged ground."),
        "weak": tr("Doubtful: unchanged ground may seem to change as far."),
        "none": tr("Nothing changed that way, as far as the scores tell."),
    }
    return "\n".join([levels[match_of(reply.verdict.standing)], *reply.warnings])


def change_figures(reply: ChangeReply) -> str:
    """The figures behind the verdict."""
    text = tr("Change of the best places: {change}. Tiles compared: {tiles}. {before} → {after}")
    return text.format(
        change=wording.decimal(reply.verdict.standing, 1),
        tiles=wording.count(reply.tiles),
        before=reply.date_before or "?",
        after=reply.date_after or "?",
    )


def _honest(score: Optional[float]) -> str:
    return "" if score is None else tr(", match score {score}").format(score=wording.decimal(score, 1))
