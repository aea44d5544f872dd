"""Every benchmark has a tiny form, which `make test` runs so that none rots; its figures say nothing."""

from __future__ import annotations

import os
from typing import TypeVar

Size = TypeVar("Size")

TINY = os.environ.get("MSA_BENCH") == "tiny"


def sized(full: Size, tiny: Size) -> Size:
    """How much is measured."""
    return tiny if TINY else full
