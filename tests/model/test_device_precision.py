"""Products of bytes, where the processor has units for them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from msa_model.model.device import byte_product


@pytest.fixture(autouse=True)
def anew() -> None:
    byte_product.cache_clear()


def test_products_of_bytes_are_those_of_whole_numbers() -> None:
    product = byte_product()
    if product is None:
        pytest.skip("the processor has no units for bytes")
    random = np.random.default_rng(0)
    left, right = (random.integers(-127, 128, (rows, 384), np.int8) for rows in (308, 77))
    out = np.empty((308, 77), np.int32)
    product(left, right, out)
    assert np.array_equal(out, left.astype(np.int32) @ right.T.astype(np.int32))


@pytest.mark.parametrize("flaw", ["no units", "saturating", "refusing"])
def test_a_processor_that_multiplies_bytes_badly_is_not_asked(
    flaw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def multiply(left: torch.Tensor, right: torch.Tensor, *, out: torch.Tensor) -> None:
        if flaw == "refusing":
            raise RuntimeError("no such kernel")
        out.copy_((left.int() @ right.int()).clamp(max=2**22))

    units = {} if flaw == "no units" else {"avx512_vnni": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units)
    monkeypatch.setattr(torch, "_int_mm", multiply)
    assert byte_product() is None
