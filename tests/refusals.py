"""Errors by their kind: most kinds have no class of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from msa_model.protocol.errors import MsaError


@contextmanager
def raises_kind(
    kinds: str | tuple[str, ...], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[MsaError]]:
    """As `pytest.raises`, for errors of one or several kinds."""
    with pytest.raises(MsaError, match=match) as refused:
        yield refused
    assert refused.value.kind in ((kinds,) if isinstance(kinds, str) else kinds)
