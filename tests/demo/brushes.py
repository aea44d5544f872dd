"""Brushes for a landscape seen from above: textured ground, trees, roofs, roads, cars, planes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from PIL import Image, ImageDraw

SIDE = 4096

Colour = tuple[int, int, int]
Point = tuple[float, float]
Corners = list[Point]  # a ring in pixels, open
Rows = tuple[float, float, float]  # plough lines: period in pixels, degrees, depth

ASPHALT, CONCRETE, LEAF = (94, 95, 98), (176, 174, 168), (50, 74, 40)
CARS = [(232, 232, 232), (200, 200, 204), (40, 42, 46), (122, 30, 30), (40, 62, 110), (150, 152, 156)]
SHADE, MARKING = (44, 46, 48), (236, 236, 232)
HALF_PLANE = (
    "0.5 0 0.44 0.05 0.1 0.06 -0.16 0.46 -0.24 0.46 -0.08 0.06 -0.36 0.05 -0.48 0.19 -0.53 0.19 -0.5 0"
)


def noise(rng: np.random.Generator, width: int, height: int, cell: int) -> np.ndarray:
    """Smooth noise in about -1..1, [height, width], with lumps of `cell` px."""
    seeds = rng.uniform(-1, 1, (height // cell + 3, width // cell + 3)).astype(np.float32)
    return np.asarray(Image.fromarray(seeds).resize((width, height), Image.Resampling.BICUBIC))


def box(x: float, y: float, width: float, height: float, degrees: float = 0.0) -> Corners:
    """The corners of a rectangle around (x, y), turned clockwise on the picture."""
    turn = np.exp(1j * np.radians(degrees))
    corners = [turn * complex(a * width / 2, b * height / 2) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return [(x + z.real, y + z.imag) for z in corners]


def moved(ring: Iterable[Point], dx: float, dy: float) -> Corners:
    """The ring shifted by (dx, dy)."""
    return [(x + dx, y + dy) for x, y in ring]


def band(line: Sequence[Point], width: float) -> Corners:
    """The outline of a line of that width."""
    return list(shapely.LineString(line).buffer(width / 2, cap_style="flat").exterior.coords)[:-1]


@dataclass
class Scene:
    """The picture being painted and what has been put where (polygons in pixels)."""

    rng: np.random.Generator
    picture: Image.Image
    pen: ImageDraw.ImageDraw
    truth: list[tuple[str, shapely.Polygon]] = field(default_factory=list)

    def note(self, name: str, ring: Iterable[Point]) -> None:
        self.truth.append((name, shapely.Polygon(list(ring))))

    def pick(self, colours: list[Colour]) -> Colour:
        return colours[int(self.rng.integers(len(colours)))]

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def vary(self, colour: Colour, spread: int = 10) -> Colour:
        shift = int(self.rng.integers(-spread, spread + 1))
        return colour[0] + shift, colour[1] + shift, colour[2] + shift

    def paint(
        self, ring: Sequence[Point], colour: Colour, rough: float = 10, rows: Rows | None = None
    ) -> None:
        """Fill a ring with speckled colour, and with plough lines where `rows` says so."""
        xs, ys = zip(*ring, strict=True)
        x0, y0 = max(0, int(min(xs))), max(0, int(min(ys)))
        width, height = min(SIDE, int(max(xs)) + 1) - x0, min(SIDE, int(max(ys)) + 1) - y0
        shade = rough * (0.6 * noise(self.rng, width, height, 48) + 0.5 * noise(self.rng, width, height, 6))
        shade = shade + self.rng.normal(0, rough * 0.35, shade.shape)
        if rows:
            slope = np.exp(1j * np.radians(rows[1]))
            across = slope.real * np.arange(width) + slope.imag * np.arange(height)[:, None]
            shade = shade + rows[2] * np.sin(across * 2 * np.pi / rows[0])
        patch = Image.fromarray(np.clip(np.array(colour) + shade[..., None], 0, 255).astype(np.uint8))
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).polygon(moved(ring, -x0, -y0), fill=255)
        self.picture.paste(patch, (x0, y0), mask)

    def tree(self, x: float, y: float, radius: float) -> None:
        """A crown with its shadow and its sunlit side."""
        crown = self.vary(LEAF, 14)
        lit = (crown[0] + 26, crown[1] + 30, crown[2] + 16)
        for shift, size, colour in ((0.5, 1.0, (30, 38, 28)), (0, 1, crown), (-0.3, 0.55, lit)):
            self.disc(x + shift * radius, y + shift * radius, size * radius, colour)

    def wood(self, ring: Sequence[Point], spacing: float, radius: float, wild: float = 1) -> None:
        """Crowns all over a ring, in rows where `wild` is small."""
        area = shapely.Polygon(ring)
        shapely.prepare(area)
        x0, y0, x1, y1 = area.bounds
        for y in np.arange(y0, y1, spacing):
            for x in np.arange(x0, x1, spacing):
                dx, dy, size = wild * self.rng.uniform(-0.5, 0.5, 3)
                if shapely.contains_xy(area, x, y):
                    self.tree(x + dx * spacing, y + dy * spacing, radius * (1 + 0.6 * size))

    def building(self, ring: Sequence[Point], roof: Colour, tall: float = 6) -> None:
        """A roof with a ridge along its first side and a shadow to the lower right."""
        self.pen.polygon(moved(ring, tall, tall), fill=SHADE)
        self.pen.polygon(ring, fill=roof)
        ridge = [tuple(np.mean([ring[1], ring[2]], axis=0)), tuple(np.mean([ring[0], ring[3]], axis=0))]
        dark = (int(roof[0] * 0.78), int(roof[1] * 0.78), int(roof[2] * 0.78))
        self.pen.polygon([*ridge[::-1], ring[2], ring[3]], fill=dark)

    def road(self, line: Sequence[Point], width: float, dashes: bool = False) -> None:
        """An asphalt road with pale kerbs, and a dashed middle line for the larger ones."""
        self.paint(band(line, width + 6), CONCRETE, 6)
        self.paint(band(line, width), ASPHALT, 7)
        way = shapely.LineString(line)
        for start in np.arange(0, way.length, 34) if dashes else ():
            ends = [way.interpolate(start), way.interpolate(start + 16)]
            self.pen.line([(p.x, p.y) for p in ends], fill=(226, 226, 220), width=2)
        for start in self.rng.uniform(0, way.length, int(way.length / (90 if dashes else 240))):
            here, ahead = way.interpolate(start), way.interpolate(start + 1)
            degrees = np.degrees(np.arctan2(ahead.y - here.y, ahead.x - here.x))
            self.car(here.x, here.y + width * 0.22 * (1 if start % 2 < 1 else -1), degrees)

    def car(self, x: float, y: float, degrees: float) -> None:
        """A car of 4.5 × 2 m with a dark windscreen."""
        self.pen.polygon(moved(box(x, y, 11, 5, degrees), 1.5, 1.5), fill=(50, 50, 52))
        self.pen.polygon(box(x, y, 11, 5, degrees), fill=self.pick(CARS))
        self.pen.polygon(box(x, y, 3, 4, degrees), fill=(38, 44, 52))

    def plane(self, x: float, y: float, size: float, degrees: float) -> None:
        """An airliner: fuselage, swept wings and tail; `size` is its length in pixels."""
        half = [complex(*pair) for pair in np.fromstring(HALF_PLANE, sep=" ").reshape(-1, 2)]
        outline = [*half, *(z.conjugate() for z in half[::-1])]
        turn = np.exp(1j * np.radians(degrees)) * size
        ring = [(x + z.real, y + z.imag) for z in (turn * z for z in outline)]
        self.pen.polygon(moved(ring, 7, 7), fill=(70, 70, 72))
        self.pen.polygon(ring, fill=(240, 241, 243))
