from __future__ import annotations

import pytest

from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import QueryEmpty, QueryNotUnderstood


@pytest.mark.parametrize("query", ["", "   ", "\t\n", "?!...", "—", "\u200b"])
def test_a_query_without_words_is_empty(encoder: Encoder, query: str) -> None:
    with pytest.raises(QueryEmpty):
        encoder.check_query(query)


@pytest.mark.parametrize("query", ["पुल", "γέφυρα", "გზა", "नदी पर बना हुआ बड़ा पुल bridge", "🚗🚗"])
def test_a_query_in_a_script_that_nothing_reads_is_refused_by_name(encoder: Encoder, query: str) -> None:
    with pytest.raises(QueryNotUnderstood):
        encoder.check_query(query)


@pytest.mark.parametrize(
    "query", ["car park", "a café by the harbour", "2 planes", "Straße", "car 🚗", "747", "橋 car"]
)
def test_latin_queries_pass(encoder: Encoder, query: str) -> None:
    assert encoder.check_query(query) == query


def test_outer_blanks_are_stripped(encoder: Encoder) -> None:
    assert encoder.check_query("  car park \n") == "car park"
