"""Rasters in the colours in which a map shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msa_model.jobs.sources import OpenSources
from msa_model.protocol.errors import BadArgument
from msa_model.protocol.messages import MapLook, RasterRef
from msa_model.raster.source import RasterSource
from msa_model.raster.stretch import Stretch

_CHANNELS = 3

OpenRaster = Callable[[RasterRef], RasterSource]


def shown(sources: OpenSources, raster: RasterRef, looks: Sequence[MapLook]) -> RasterSource:
    """The raster as the first look at it says, else as the model sees it; valid as `OpenSources.raster`.

    Raises:
        BadArgument: the look has other bands than the raster, or no stretch for each.
        RasterMissing and the other errors of `RasterSource.open`.
    """
    look = next((look for look in looks if look.source == raster.address), None)
    if look is None:
        return sources.raster(raster)
    stretch = _stretch_of(look)
    return sources.raster(RasterRef(raster.path, look.bands)).stretched(stretch)


def _stretch_of(look: MapLook) -> Stretch:
    fitting = len(look.bands) == len(look.low) == len(look.high) and len(look.bands) in (1, _CHANNELS)
    if not fitting or any(low == high for low, high in zip(look.low, look.high, strict=True)):
        raise BadArgument(
            f"The look of {look.source} needs a low and a high value, not the same, of each band."
        )
    repeated = _CHANNELS // len(look.bands)
    return Stretch(look.low * repeated, look.high * repeated)
