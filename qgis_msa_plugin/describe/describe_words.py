"""Descriptions in words: for the panel, the clipboard and attribute tables.

What changed at a place, as a sentence made of phrases: it cannot invent anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.describing import (
    Keyword,
    Phrase,
    shown,
)
from qgis_msa_plugin.describe.describer import Description
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording
from qgis_msa_plugin.widgets.match_words import match_text

_WHOLE = 0.995
_FIELD_PHRASES = 3
_SHOWN_KEYWORDS = 8


def title(description: Description) -> str:
    """What was looked at, in one line."""
    reply = description.reply
    text = tr("{side} of '{layer}':").format(side=wording.metres(reply.scale_m), layer=description.title)
    if not reply.calibrated:
        text += " " + not_calibrated()
    if reply.valid < _WHOLE:
        text += " " + tr("(only {share} % has pixels)").format(share=round(100 * reply.valid))
    return text


def keyword_line(keywords: Sequence[Keyword]) -> str:
    """The weightiest keywords, those that matter most first."""
    ordered = sorted(keywords, key=lambda keyword: -keyword.weight)[:_SHOWN_KEYWORDS]
    return ", ".join(keyword.word for keyword in ordered)


def field_text(phrases: Sequence[Phrase], most: int = _FIELD_PHRASES) -> str:
    """The best phrases as they go into a field."""
    return "; ".join(phrase.phrase for phrase in phrases[:most])


def copy_text(description: Description) -> str:
    """All of it as plain text."""
    reply = description.reply
    lines = [title(description)]
    if reply.keywords:
        lines.append(tr("Keywords: {words}").format(words=keyword_line(reply.keywords)))
    for heading, phrases in sections(description):
        lines += ["", heading] if heading else []
        lines += [f"{phrase.phrase} ({match_text(phrase.match)})" for phrase in phrases] or [no_phrase()]
    return "\n".join(lines)


def sections(description: Description) -> list[tuple[str, tuple[Phrase, ...]]]:
    """Phrases that match, under headings, a scale each; under none where there is but one."""
    reply = description.reply
    if len(reply.scales) < (2 if description.sized else 1):
        return [("", told(reply.phrases, reply.calibrated))]
    first = tr("All of it") if description.sized else _heading(reply.scale_m)
    found = [(first, told(reply.phrases, reply.calibrated))]
    for scale in reply.scales:
        heading = _heading(scale.scale_m)
        if scale.windows > 1:
            heading += " · " + tr("mean of {n} windows").format(n=wording.count(scale.windows))
        found.append((heading, told(scale.phrases, reply.calibrated)))
    return found


def told(phrases: tuple[Phrase, ...], calibrated: bool) -> tuple[Phrase, ...]:
    """Those that match; of a model that is not calibrated all, as guesses."""
    return shown(phrases) if calibrated else phrases


def no_phrase() -> str:
    """Said where no phrase matches."""
    return tr("No phrase fits.")


def not_calibrated() -> str:
    """Said of a model whose phrases are guesses."""
    return tr("This model is not calibrated for descriptions: the nearest phrases, fitting or not.")


def _heading(scale_m: float) -> str:
    return tr("At {side}").format(side=wording.metres(scale_m))


def change_sentence(reply: ChangeHereReply) -> str:
    """From what to what, or that nothing stands out."""
    if reply.changed:
        return tr("From {was} to {now}.").format(was=reply.was, now=reply.now)
    return tr("No change stands out here: {now}.").format(now=reply.now)


def change_phrases(reply: ChangeHereReply) -> str:
    """The phrases that gained and those that lost, with how much, in deviations of unchanged ground."""
    gained, lost = tr("Gained: {phrases}"), tr("Lost: {phrases}")
    return "\n".join((gained.format(phrases=_listed(reply.gained)), lost.format(phrases=_listed(reply.lost))))


def _listed(phrases: Sequence[Phrase]) -> str:
    return ", ".join(f"{phrase.phrase} ({wording.decimal(phrase.score, 1)})" for phrase in phrases)
