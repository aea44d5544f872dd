"""Descriptions in words: for the panel, the clipboard and attribute tables."""

from __future__ import annotations

from collections.abc import Sequence

from msa_model.protocol.describing import DescribeReply, Keyword, Phrase
from qgis_msa_plugin.describe.spot import Description
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording

_WHOLE = 0.995
_FIELD_PHRASES = 3
_SHOWN_KEYWORDS = 8


def title(description: Description) -> str:
    """What was looked at, in one line."""
    reply = description.reply
    text = tr("{side} of '{layer}':").format(side=wording.metres(reply.scale_m), layer=description.title)
    if reply.valid < _WHOLE:
        text += " " + tr("(only {share} % has pixels)").format(share=round(100 * reply.valid))
    return text


def keyword_line(keywords: Sequence[Keyword]) -> str:
    """The weightiest keywords, those that matter most first."""
    ordered = sorted(keywords, key=lambda keyword: -keyword.weight)[:_SHOWN_KEYWORDS]
    return ", ".join(keyword.word for keyword in ordered)


def field_text(
    phrases: Sequence[Phrase], keywords: Sequence[Keyword] = (), most: int = _FIELD_PHRASES
) -> str:
    """The best phrases as they go into a field; keywords where there are no phrases."""
    return "; ".join(phrase.phrase for phrase in phrases[:most]) or keyword_line(keywords)


def copy_text(description: Description) -> str:
    """All of it as plain text."""
    reply = description.reply
    lines = [title(description)]
    if reply.keywords:
        lines.append(tr("Keywords: {words}").format(words=keyword_line(reply.keywords)))
    for heading, phrases in sections(reply):
        lines += ["", heading] if heading else []
        lines += [f"{phrase.score:+.3f}  {phrase.phrase}" for phrase in phrases]
    return "\n".join(lines)


def sections(reply: DescribeReply) -> list[tuple[str, tuple[Phrase, ...]]]:
    """Phrases under headings, a scale each; under none where there is but one."""
    if len(reply.scales) < 2:  # noqa: PLR2004  (one scale needs no heading)
        return [("", reply.phrases)]
    found = []
    for scale in reply.scales:
        heading = tr("At {side}").format(side=wording.metres(scale.scale_m))
        if scale.windows > 1:
            heading += " · " + tr("mean of {n} windows").format(n=wording.count(scale.windows))
        found.append((heading, scale.phrases))
    return [(tr("All of it"), reply.phrases), *found]
