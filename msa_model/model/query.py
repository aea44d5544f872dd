"""Is a query something that an English text encoder can read?"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood

UNKNOWN = "[UNK]"
MAX_STRANGE = 0.5  # share of foreign letters, or of unknown pieces, above which a query is refused


def check_script(text: str) -> str:
    """The query stripped of outer blanks.

    Raises:
        QueryEmpty: it has no character but blanks, punctuation and control characters.
        QueryNotUnderstood: most of its letters are not Latin.
    """
    query = text.strip()
    if all(unicodedata.category(c)[0] in "ZCP" for c in query):
        raise QueryEmpty("The query has no words.")
    letters = [c for c in query if c.isalpha()]
    foreign = [c for c in letters if "LATIN" not in unicodedata.name(c, "")]
    if len(foreign) > MAX_STRANGE * len(letters):
        raise QueryNotUnderstood(f"The query '{query}' is not written in Latin letters.")
    return query


def check_pieces(query: str, pieces: Sequence[str]) -> None:
    """Refuse a query of which the encoder would see little.

    Raises:
        QueryNotUnderstood: most of its word pieces are unknown to the vocabulary.
    """
    unknown = sum(piece == UNKNOWN for piece in pieces)
    if unknown > MAX_STRANGE * len(pieces) or not pieces:
        raise QueryNotUnderstood(f"The model's vocabulary does not cover the query '{query}'.")
