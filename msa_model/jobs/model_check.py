"""The smoke test of a model from elsewhere: do its towers agree, and what does it cost?

A tower that was converted wrongly gives unit vectors as a right one does, only of something else. What tells
them apart is a second model that looks at the same pictures: which phrases fit which picture better than
others must be related. The shipped model is that second model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from msa_model.model.agreement import Floats, agree, centred, drawn_pictures
from msa_model.model.dual_encoder import DualEncoder
from msa_model.protocol.models import ModelChecked

_BYTES = 2  # a number of a vector in an index


def check_model(
    model: DualEncoder,
    shipped: DualEncoder,
    phrases: Sequence[str],
    pictures: NDArray[np.uint8] | None = None,
) -> ModelChecked:
    """Look with both at RGB pictures uint8 [n, s, s, 3] (None: drawn ones), and measure their rates."""
    shown = drawn_pictures() if pictures is None else pictures
    agreement = agree(*(fits(encoder, shown, phrases) for encoder in (model, shipped)))
    return ModelChecked(
        agreement=agreement.found,
        by_chance=agreement.chance,
        sound=agreement.sound,
        tiles_per_second=model.tiles_per_second(),
        shipped_tiles_per_second=shipped.tiles_per_second(),
        bytes_per_tile=_BYTES * model.dimension,
        shipped_bytes_per_tile=_BYTES * shipped.dimension,
        knows_background=bool(model.background.any()),
        calibrated=model.calibration is not None,
    )


def fits(encoder: DualEncoder, pictures: NDArray[np.uint8], phrases: Sequence[str]) -> Floats:
    """Cosines [n, m] of pictures and phrases, less the mean of each picture and of each phrase."""
    return centred(encoder.encode_tiles(pictures) @ encoder.encode_english(list(phrases)).T)
