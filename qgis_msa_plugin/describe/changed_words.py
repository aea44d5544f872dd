"""What changed at a place, as a sentence made of phrases: it cannot invent anything."""

from __future__ import annotations

from collections.abc import Sequence

from msa_model.protocol.changing import ChangeHereReply
from msa_model.protocol.describing import Phrase
from qgis_msa_plugin.translate import tr
from qgis_msa_plugin.widgets import wording


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
