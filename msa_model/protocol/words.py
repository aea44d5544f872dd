"""Which words of a query mattered, as it travels."""

from __future__ import annotations

from dataclasses import dataclass

from msa_model.protocol.messages import TileRef, WordShare


@dataclass(frozen=True)
class WordsRequest:
    """`search.words`: which words of the query mattered for one tile of an index."""

    query: str
    tile: TileRef


@dataclass(frozen=True)
class WordsReply:
    """Reply to `search.words`: the words in the query's order, and the tile's cosine with all of it."""

    query: str
    score: float
    words: tuple[WordShare, ...]
