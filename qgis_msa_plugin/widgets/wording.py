"""Numbers and costs in words; every text that is computed rather than fixed.

The engine's warnings in the language of QGIS.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import QLocale

from msa_model.protocol.messages import Progress, ScanPlan
from msa_model.protocol.models import OPENVINO_FLOAT32, OPENVINO_INT8, TORCH, TORCH_BFLOAT16, TORCH_FLOAT32
from msa_model.protocol.plan_parts import OverviewGain
from msa_model.protocol.warning_table import EngineWarning
from qgis_msa_plugin.translate import tr, translated

_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_FEW_SECONDS = 10
_KILOMETRE = 1000
_FINE_METRES = 10
_SLOW_RATE = 10
_BRIEF = 100


def brief(text: str) -> str:
    """As much of a text as a title has room for."""
    return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 1].rstrip()}…"


def count(number: int) -> str:
    """A whole number with the separators of the user's language."""
    return str(QLocale().toString(number))


def duration(seconds: float) -> str:
    """About how long, in the coarsest unit that is still useful."""
    if seconds < _FEW_SECONDS:
        return tr("a few seconds")
    if seconds < _MINUTE:
        return tr("{n} s").format(n=round(seconds / 5) * 5)
    if seconds < _HOUR:
        return tr("{n} min").format(n=round(seconds / _MINUTE))
    if seconds < _DAY:
        return tr("{n} h").format(n=decimal(seconds / _HOUR, 1))
    return tr("{n} days").format(n=decimal(seconds / _DAY, 1))


def about(seconds: float) -> str:
    """How long something that has not begun may take."""
    time = duration(seconds)
    return time if seconds < _FEW_SECONDS else tr("about {time}").format(time=time)


def disk(size: int) -> str:
    """Bytes in the user's units."""
    return str(QLocale().formattedDataSize(size, 0 if size < 10 * 2**20 else 1))


def metres(length: float) -> str:
    """A ground length: '8.2 m', '77 m', '1.2 km'."""
    if length >= _KILOMETRE:
        return tr("{n} km").format(n=decimal(length / _KILOMETRE, 1))
    return tr("{n} m").format(n=decimal(length, 1 if length < _FINE_METRES else 0))


def scales_of(plan: ScanPlan) -> str:
    """The tile sides of a plan: '38 m, 77 m'."""
    return ", ".join(metres(scale.scale_m) for scale in plan.scales)


def cost(plan: ScanPlan) -> str:
    """What a scan would take, in one line."""
    if plan.missing == 0:
        return tr("All {tiles} tiles are indexed: searches answer at once.").format(tiles=count(plan.tiles))
    price = tr("{time}, {disk} on disk").format(time=about(plan.seconds), disk=disk(plan.bytes))
    if plan.missing < plan.tiles:
        text = tr("{done} of {tiles} tiles are indexed; the rest takes {price}.")
        done = count(plan.tiles - plan.missing)
        return text.format(done=done, tiles=count(plan.tiles), price=price)
    return tr("First search: {tiles} tiles to scan, {price}.").format(tiles=count(plan.tiles), price=price)


def brief_cost(plan: ScanPlan) -> str:
    """How much of a plan is indexed, in a few words."""
    if plan.missing == 0:
        return tr("{tiles} tiles").format(tiles=count(plan.tiles))
    done = count(plan.tiles - plan.missing)
    return tr("{done} of {tiles} tiles indexed").format(done=done, tiles=count(plan.tiles))


def overview_gain(gain: OverviewGain) -> str:
    """What overviews would spare a scan."""
    text = tr("The raster has no overviews: with them a scan reads {share} % fewer pixels ({time}).")
    spared = tr("{time} less").format(time=duration(gain.seconds))
    hardly = tr("it would hardly be faster, though")
    time = spared if gain.seconds >= 1 else hardly
    return text.format(share=decimal(100 * gain.read_share, 0), time=time)


def kept(indexed: int) -> str:
    """What a scan that was called off leaves behind; how many tiles, with its last batch, the cost tells."""
    if indexed == 0:
        return tr("The scan was stopped before its first tiles; the next search starts it again.")
    return tr("What is indexed stays; the next search goes on from there.")


def advance(progress: Optional[Progress]) -> str:
    """How far and how fast a scan is."""
    if progress is None:
        return tr("Starting the scan…")
    parts = [tr("{done} of {total}").format(done=count(progress.done), total=count(progress.total))]
    if progress.rate > 0:
        parts.append(
            tr("{rate} tiles/s").format(rate=decimal(progress.rate, 1 if progress.rate < _SLOW_RATE else 0))
        )
    if progress.seconds_left is not None:
        parts.append(tr("{time} left").format(time=duration(progress.seconds_left)))
    return " · ".join(parts)


def opening(progress: Progress) -> str:
    """How far an index of millions of tiles is, which is opened for the first time."""
    return tr("Opening the index for the first time: {advance}").format(advance=advance(progress))


def engine(name: str) -> str:
    """What computes the model, without its number formats: 'PyTorch, fast'."""
    kind, _, device = name.partition(":")
    words = {
        TORCH: "PyTorch",
        TORCH_FLOAT32: tr("PyTorch, exact"),
        TORCH_BFLOAT16: tr("PyTorch, fast"),
        OPENVINO_FLOAT32: tr("OpenVINO, exact"),
        OPENVINO_INT8: tr("OpenVINO, fast"),
    }
    text = words.get(kind, kind)
    return f"{text} ({device})" if device else text


def engine_in_full(name: str) -> str:
    """The same with the name that commands and settings know it by."""
    return f"{engine(name)} ({name})"


def decimal(number: float, digits: int) -> str:
    """A number with so many digits after the user's decimal point."""
    return str(QLocale().toString(float(number), "f", digits))


_DIGITS = 3


def warning_texts(warnings: Sequence[EngineWarning]) -> list[str]:
    """A sentence each."""
    return [warning.worded(translated, _written) for warning in warnings]


def _written(number: float, form: str) -> str:
    """As `warning_table.written`, in the user's numbers."""
    if form == "percent":
        return tr("{share} %").format(share=decimal(100 * number, 0))
    if form == "count":
        return count(round(number))
    return decimal(number, 1) if form == "tenth" else str(QLocale().toString(number, "g", _DIGITS))
