"""What re-ranking refuses before any work, and what it calls the scales."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from msa_model.jobs.fine import MOST_RERANKED, check_rerank, level_names
from msa_model.protocol.errors import BadArgument, RerankUnavailable

FINE: Any = SimpleNamespace(name="fine", has_fine=True)
PLAIN: Any = SimpleNamespace(name="plain", has_fine=False)


def test_a_model_without_fine_stage_is_named() -> None:
    with pytest.raises(RerankUnavailable, match="'plain' has no fine stage"):
        check_rerank(PLAIN, 10)
    check_rerank(PLAIN, 0)


@pytest.mark.parametrize("count", [-1, MOST_RERANKED + 1])
def test_a_number_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(BadArgument, match=str(count)):
        check_rerank(FINE, count)
    check_rerank(FINE, MOST_RERANKED)


def test_the_last_stage_is_the_scene_whatever_their_number() -> None:
    assert level_names(1) == ("scene",)
    assert level_names(4) == ("texture", "parts", "objects", "scene")
    assert level_names(6) == ("detail", "detail", "texture", "parts", "objects", "scene")
