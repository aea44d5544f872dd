"""Is a query something that the text encoder can read?"""

from __future__ import annotations

import unicodedata

from msa_model.model.vocabulary import Vocabulary, is_latin
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood

MAX_UNKNOWN = 0.5  # share of a query's pieces


def is_query(text: str) -> bool:
    """Whether there is anything but blanks, punctuation and control characters."""
    return not all(unicodedata.category(c)[0] in "ZCP" for c in text)


def check_query(text: str, vocabulary: Vocabulary) -> str:
    """The query stripped of outer blanks.

    Raises:
        QueryEmpty: it has no character but blanks, punctuation and control characters.
        QueryNotUnderstood: most of its letters are not Latin and the encoder reads no other script, or most
            of its pieces are unknown to the vocabulary.
    """
    query = text.strip()
    if not is_query(query):
        raise QueryEmpty("The query has no words.")
    if not is_latin(query) and vocabulary.is_latin_only:
        raise QueryNotUnderstood(f"The query '{query}' is not written in Latin letters.")
    if vocabulary.unknown_share(query) > MAX_UNKNOWN:
        raise QueryNotUnderstood(f"The model's vocabulary does not cover the query '{query}'.")
    return query
