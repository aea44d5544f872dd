"""Let timm and transformers import torchvision where its C++ operators are missing."""

from __future__ import annotations

import torch

_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]  # owns the schemas


def declare_vision_operators() -> None:
    """Import torchvision; only if that fails for want of `nms`, declare the schemas that it asks for.

    A CPU torch beside torchvision's default build lacks the operators, and torchvision dies registering fake
    kernels for them. Nothing here calls an operator.
    """
    try:
        import torchvision  # type: ignore[import-untyped]  # noqa: F401, PLC0415
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in ("nms", "qnms"):
            schema = f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            _OPERATORS.define(schema)  # type: ignore[no-untyped-call]
