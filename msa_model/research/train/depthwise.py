"""Strided depthwise convolutions whose gradient a CPU can afford.

oneDNN's input gradient of a strided depthwise convolution takes some 50 times as long as its forward pass,
and the weight gradient of a 5 × 5 one 25 to 45 times (docs/training.md). On the CPU, strided ones run at
stride 1 and are then sampled, which is the same function, and depthwise filters stay as initialised.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn
from torch.nn.functional import conv2d


class SampledDepthwise(nn.Module):
    """A strided depthwise convolution as one of stride 1, of which every stride-th value is kept.

    With "same" padding (timm's `Conv2dSame`), ⌊p/2⌋ of p = max((⌈h/s⌉ - 1) s + k - h, 0) rows are put above
    the image: the kept rows start at (k - 1)/2 - ⌊p/2⌋. With symmetric padding they start at 0.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = conv.weight, conv.bias
        self._kernel, self._stride = _square(conv.kernel_size), _square(conv.stride)
        self._same = type(conv).__name__ == "Conv2dSame"
        self._padding = self._kernel // 2 if self._same else _square(cast(tuple[int, ...], conv.padding))

    def forward(self, x: Tensor) -> Tensor:
        """Maps [n, c, h, w] to [n, c, ⌈h/s⌉, ⌈w/s⌉]."""
        full = conv2d(x, self.weight, self.bias, 1, self._padding, 1, x.shape[1])
        top, left = (self._offset(side) for side in x.shape[2:])
        return full[:, :, top :: self._stride, left :: self._stride]

    def _offset(self, side: int) -> int:
        if not self._same:
            return 0
        padding = max((-(-side // self._stride) - 1) * self._stride + self._kernel - side, 0)
        return self._kernel // 2 - padding // 2


def ease_depthwise(net: nn.Module) -> None:
    """Make, in place, the depthwise convolutions of `net` cheap to train through on a CPU."""
    for parent in list(net.modules()):
        for name, conv in list(parent.named_children()):
            if isinstance(conv, nn.Conv2d) and conv.groups == conv.in_channels > 1:
                conv.weight.requires_grad = False
                if _can_be_sampled(conv):
                    setattr(parent, name, SampledDepthwise(conv))


def _can_be_sampled(conv: nn.Conv2d) -> bool:
    shapes = (conv.kernel_size, conv.stride, conv.dilation)
    square = all(len(set(shape)) == 1 for shape in shapes) and isinstance(conv.padding, tuple)
    odd = conv.kernel_size[0] % 2 == 1
    return (
        square and odd and conv.stride[0] > 1 and conv.dilation[0] == 1 and conv.out_channels == conv.groups
    )


def _square(shape: tuple[int, ...]) -> int:
    return shape[0]
