"""What changed at a place, as a sentence made of phrases: it cannot invent anything."""

from __future__ import annotations

from msa_model.protocol.changing import ChangeHereReply
from qgis_msa_plugin.translate import tr


def change_sentence(reply: ChangeHereReply) -> str:
    """From what to what, or that nothing stands out."""
    if reply.changed:
        return tr("From {was} to {now}.").format(was=reply.was, now=reply.now)
    return tr("No change stands out here: {now}.").format(now=reply.now)
