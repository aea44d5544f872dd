"""Learning curves of runs as one SVG picture: loss on the left, validation on the right.

    python -m tools.plot_curves PICTURE.svg NAME=OUT [NAME=OUT ...]

OUT is the folder that `msa train` wrote to.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

COLOURS = ("#1b6ca8", "#c8553d", "#588b8b", "#8d6a9f", "#b08900", "#444444")
WIDTH, HEIGHT, MARGIN = 420, 260, 46
TICKS = 5
SMOOTHING = 0.9  # of the loss of single steps

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """Values over steps, and what the curve is called."""

    name: str
    points: Points


def read_losses(out: Path) -> Points:
    """The loss of every step, smoothed."""
    points: Points = []
    held = None
    for row in _rows(out / "run" / "log.csv"):
        value = float(row["loss"])
        held = value if held is None else SMOOTHING * held + (1 - SMOOTHING) * value
        points.append((float(row["step"]), held))
    return points


def read_validation(out: Path) -> dict[str, Points]:
    """What was measured, by set and measure."""
    found: dict[str, Points] = {}
    for row in _rows(out / "run" / "validation.csv"):
        if row["measure"] in {"mr", "top1"}:
            name = f"{row['set']} {row['measure']}"
            found.setdefault(name, []).append((float(row["step"]), float(row["value"])))
    return found


def draw(losses: Sequence[Curve], validation: Sequence[Curve]) -> str:
    """Both panels as SVG."""
    left, right = _panel("training loss", losses, 0), _panel("validation, %", validation, WIDTH)
    size = f'width="{2 * WIDTH}" height="{HEIGHT}" viewBox="0 0 {2 * WIDTH} {HEIGHT}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    back = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{back}\n{left}\n{right}\n</svg>\n'


def _panel(title: str, curves: Sequence[Curve], left: int) -> str:
    points = [point for curve in curves for point in curve.points]
    if not points:
        return ""
    (x0, x1), (y0, y1) = (_span([point[axis] for point in points]) for axis in (0, 1))

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)
        return left + MARGIN + across * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)

    parts = [f'<text x="{left + MARGIN}" y="24" font-weight="bold">{escape(title)}</text>']
    parts += [_tick(place(x0, y), f"{y:.3g}", "end", -6, 4) for y in _ticks(y0, y1)]
    parts += [_tick(place(x, y0), f"{x:.0f}", "middle", 0, 16) for x in _ticks(x0, x1)]
    parts.append(_line([place(x0, y1), place(x0, y0), place(x1, y0)], "#999"))
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(_line([place(*point) for point in curve.points], colour))
        x, y = left + WIDTH - MARGIN - 4, HEIGHT / 2 + 14 * (number - len(curves) / 2)
        parts.append(f'<text x="{x}" y="{y}" text-anchor="end" fill="{colour}">{escape(curve.name)}</text>')
    return "\n".join(parts)


def _line(points: Points, colour: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _tick(place: tuple[float, float], text: str, anchor: str, right: int, down: int) -> str:
    return f'<text x="{place[0] + right:.1f}" y="{place[1] + down:.1f}" text-anchor="{anchor}">{text}</text>'


def _ticks(low: float, high: float) -> list[float]:
    return [low + (high - low) * k / (TICKS - 1) for k in range(TICKS)]


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def main(argv: Sequence[str]) -> None:
    """Draw the runs named in `argv`."""
    picture, *named = argv
    runs = [(name, Path(out)) for name, _, out in (word.partition("=") for word in named)]
    losses = [Curve(name, read_losses(out)) for name, out in runs]
    validation = [
        Curve(f"{name} {figure}" if len(runs) > 1 else figure, points)
        for name, out in runs
        for figure, points in read_validation(out).items()
    ]
    Path(picture).write_text(draw(losses, validation), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
