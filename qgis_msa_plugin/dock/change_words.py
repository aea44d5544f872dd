"""The forms of a question about two dates or many, as a text is typed and as a form is picked.

What changed between two dates, and how a place went over many, in words.
"""

from __future__ import annotations

from typing import Optional

from msa_model.protocol.change_forms import APPEARED, BECAME, CHANGED, VANISHED
from msa_model.protocol.changing import ChangeHit, ChangeReply, SeriesHit, SeriesReply
from msa_model.protocol.errors import MsaError
from msa_model.protocol.match import match_of
from msa_model.protocol.query import ChangeQuery, halves_of, named_form, parse_change
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_text
from qgis_msa_plugin.widgets.wording import warning_texts

OVER_TIME = "over time"  # plain words, of many dates
_ARROW = "->"


def read(text: str) -> Optional[ChangeQuery]:
    """What the text asks; nothing where it is of none of the forms yet."""
    try:
        return parse_change(text)
    except MsaError:
        return None


def written(form: str, text: str) -> str:
    """The question of that form with the words of the text, whatever form that has; some may be missing."""
    before, after = _words(text)
    if form == CHANGED:
        return CHANGED
    if form == BECAME:
        return f"{before} {_ARROW} {after}"
    if form == OVER_TIME:
        return after or before
    return f"{form}: {(after or before) if form == APPEARED else (before or after)}"


def asked(form: str, text: str) -> str:
    """What is asked once Enter is pressed: words that have no form take the one that is picked."""
    words = " ".join(text.split())
    if _has_form(words) or form in (BECAME, OVER_TIME):
        return words
    if form == CHANGED and not words:
        return CHANGED
    return f"{VANISHED if form == VANISHED else APPEARED}: {words}"


def _has_form(words: str) -> bool:
    return read(words) is not None or len(halves_of(words)) > 1 or named_form(words) is not None


def _words(text: str) -> tuple[str, str]:
    """The words for before and for after; empty where the text says nothing of that date."""
    words = " ".join(text.split())
    named = named_form(words)
    if named is not None:
        form, rest = named
        return ("", rest) if form == APPEARED else (rest, "")
    before, *after = halves_of(words)
    if after:
        return before, f" {_ARROW} ".join(after)
    return "", "" if read(words) is not None else words


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
        lines.append(text.format(date=date or "?", phrase=phrase) + _score_text(score))
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
    return "\n".join([levels[match_of(reply.verdict.best_score)], *warning_texts(reply.warnings)])


def change_figures(reply: ChangeReply) -> str:
    """The figures behind the verdict."""
    text = tr("Change of the best places: {change}. Tiles compared: {tiles}. {before} → {after}")
    return text.format(
        change=wording.decimal(reply.verdict.best_score, 1),
        tiles=wording.count(reply.tiles),
        before=reply.date_before or "?",
        after=reply.date_after or "?",
    )


def history_text(hit: SeriesHit, reply: SeriesReply) -> str:
    """When the place stands above the threshold, and which way it goes."""
    dates = len(reply.dates)
    if not hit.dates_above:
        when = tr("at none of {n} dates").format(n=dates)
    elif hit.first == hit.last:
        when = tr("{date}, 1 of {n} dates").format(date=hit.first, n=dates)
    else:
        when = tr("{first} to {last}, {above} of {n} dates")
        when = when.format(first=hit.first, last=hit.last, above=hit.dates_above, n=dates)
    return f"{when} · {trend_text(hit)}"


def trend_text(hit: SeriesHit) -> str:
    """Which way the score goes."""
    sign = "+" if hit.trend > 0 else ""
    return tr("{change} in ten years").format(change=sign + wording.decimal(hit.trend, 1))


def history_details(hit: SeriesHit, reply: SeriesReply) -> str:
    """The match score at each date, and what keys do."""
    lines = [history_text(hit, reply)]
    if hit.correlation is not None:
        text = tr("Goes like the place that was chosen: correlation {n}.")
        lines.append(text.format(n=wording.decimal(hit.correlation, 2)))
    lines += [date_text(date, score) for date, score in zip(reply.dates, hit.scores)]
    if hit.phrase:
        lines.append(tr("At its best date like “{phrase}”.").format(phrase=hit.phrase))
    lines.append(tr("Click to go there: the map shows one date after the other. T shows the next date."))
    return "\n".join(lines)


def date_text(date: str, score: Optional[float]) -> str:
    """A date with its match score; gaps are named."""
    if score is None:
        return tr("{date}: no data").format(date=date)
    text = tr("{date}: match score {score}, {match}")
    return text.format(date=date, score=wording.decimal(score, 1), match=match_text(match_of(score)))


def series_verdict(reply: SeriesReply, best_score: float) -> str:
    """Whether it is seen at any date, and in lines of their own what may mislead."""
    levels = {
        "strong": tr("Stands out at one date or more."),
        "likely": tr("Stands out at one date or more."),
        "weak": tr("Doubtful: the best places hardly stand out at any date."),
        "none": tr("At no date does anything match well, as far as the scores tell."),
    }
    return "\n".join([levels[match_of(best_score)], *warning_texts(reply.warnings)])


def _score_text(score: Optional[float]) -> str:
    return "" if score is None else tr(", match score {score}").format(score=wording.decimal(score, 1))
