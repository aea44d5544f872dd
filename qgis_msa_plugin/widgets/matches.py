"""How well words match, in words."""

from __future__ import annotations

from msa_model.protocol.match import Match
from qgis_msa_plugin.translate import tr


def match_word(match: Match) -> str:
    """One word of `msa_model.protocol.match` in the user's language."""
    return {"strong": tr("strong"), "likely": tr("likely"), "weak": tr("weak"), "none": tr("none")}[match]
