"""Every word for a match, best first."""

from __future__ import annotations

from typing import get_args

from msa_model.protocol.match import Match

MATCHES: tuple[Match, ...] = get_args(Match)
