"""A made-up landscape seen from above: 4096 × 4096 px of 0.4 m, with the ground truth of what is where.

It gives the demo something to search on any machine. It proves the plumbing, never the accuracy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from PIL import Image, ImageDraw, ImageFilter
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from shapely.affinity import affine_transform

from tests.demo.brushes import ASPHALT, CONCRETE, MARKING, SHADE, SIDE, Scene, band, box, moved

GSD_M = 0.4
CRS = "EPSG:32633"
TRANSFORM = from_origin(462_000.0, 5_208_000.0, GSD_M, GSD_M)
GRASS, DIRT = (104, 122, 74), (152, 134, 106)
WATER, SEA, SAND = (58, 82, 84), (46, 84, 104), (219, 202, 165)
ROOFS = [(164, 92, 70), (146, 78, 62), (128, 118, 112), (182, 168, 150), (112, 88, 74), (150, 150, 154)]
CROPS = [(150, 142, 82), (96, 126, 60), (172, 152, 104), (122, 138, 72), (84, 108, 54), (160, 132, 96)]


def farmland(scene: Scene, x0: int, y0: int, x1: int, y1: int) -> None:
    """Fields in strips of different crops, with dirt tracks and hedges between them."""
    scene.paint(box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0), DIRT)
    for top in range(y0, y1, 300):
        left, bottom = x0, min(top + 288, y1)
        while left < x1 - 60:
            right = min(x1, left + int(scene.rng.integers(170, 430)))
            ring = [(left, top), (right - 9, top), (right - 9, bottom), (left, bottom)]
            period, depth = scene.rng.uniform((7, 3), (14, 12))
            rows = (period, 90 * int(scene.rng.integers(2)) + 4, depth)
            scene.paint(ring, scene.vary(scene.pick(CROPS)), 9, rows)
            left = right
        if top > y0:
            scene.wood([(x0, top - 14), (x1, top - 14), (x1, top - 2), (x0, top - 2)], 26, 7)
    scene.note("farmland", box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0))


def houses(scene: Scene, x0: int, y0: int, x1: int, y1: int) -> None:
    """Blocks of houses with gardens along a grid of streets."""
    scene.paint(box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0), (112, 120, 84), 16)
    for y in range(y0, y1 + 1, 210):
        scene.road([(x0, y), (x1, y)], 20)
    for x in range(x0, x1 + 1, 330):
        scene.road([(x, y0), (x, y1)], 20)
    for top in range(y0, y1 - 100, 210):
        for left in range(x0, x1 - 200, 330):
            for row, column in np.ndindex(2, 5):
                x, y = left + 48 + column * 58, top + 58 + row * 96
                lot = box(
                    x, y, scene.rng.uniform(32, 44), scene.rng.uniform(26, 34), scene.rng.choice([0, 90])
                )
                scene.building(lot, scene.vary(scene.pick(ROOFS)))
                scene.tree(x + scene.rng.uniform(-28, 28), y + 26 - row * 52, scene.rng.uniform(6, 11))
    scene.note("houses along streets", box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0))


def car_park(scene: Scene, x: float, y: float) -> None:
    """Rows of bays, most of them taken, beside a large flat roof."""
    scene.paint(box(x, y, 420, 420), ASPHALT, 6)
    for row in range(-190, 191, 38):
        for bay in range(-195, 196, 9):
            scene.pen.line([(x + bay, y + row - 8), (x + bay, y + row + 6)], fill=(205, 205, 200))
            if scene.rng.random() < 0.8:
                scene.car(x + bay + 4, y + row, 90)
    scene.note("car park", box(x, y, 420, 420))
    scene.building(box(x, y + 340, 420, 200), (206, 207, 209), 12)
    scene.note("large flat roof", box(x, y + 340, 420, 200))


def tanks(scene: Scene, x0: float, y0: float) -> None:
    """Round white storage tanks within earth banks."""
    scene.paint(box(x0, y0, 480, 520), (150, 142, 128), 9)
    for column, row in np.ndindex(3, 3):
        x, y, r = x0 - 155 + column * 155, y0 - 165 + row * 165, 54 if row else 42
        scene.pen.polygon(box(x, y, 142, 150), outline=(112, 104, 92), width=4)
        scene.disc(x + 14, y + 14, r, SHADE)
        scene.disc(x, y, r, (178, 180, 182))
        scene.disc(x, y, r - 3, scene.vary((226, 227, 226), 8))
    scene.note("storage tanks", box(x0, y0, 480, 520))


def airfield(scene: Scene, x0: float, y0: float) -> None:
    """A runway with its markings, a taxiway, an apron with planes, hangars."""
    scene.paint(box(x0, y0, 1760, 960), (124, 134, 84), 12)
    for dx, dy, wide, tall in (
        (0, -300, 1700, 110),
        (0, -130, 1500, 46),
        (-560, -210, 46, 200),
        (560, -210, 46, 200),
    ):
        scene.paint(box(x0 + dx, y0 + dy, wide, tall), (110, 110, 112), 6)
    for dash in range(-780, 781, 60):
        scene.pen.polygon(box(x0 + dash, y0 - 300, 34, 4), fill=MARKING)
    for end, stripe in np.ndindex(2, 8):
        scene.pen.polygon(box(x0 + end * 1580 - 790, y0 - 342 + stripe * 12, 80, 6), fill=MARKING)
    scene.paint(box(x0, y0 + 130, 1420, 430), CONCRETE, 6)
    for column in range(7):
        scene.plane(x0 - 600 + column * 200, y0 + 60, 150, 270 + scene.rng.uniform(-6, 6))
        scene.plane(x0 - 600 + column * 200, y0 + 250, 118, 90 + scene.rng.uniform(-6, 6))
    for column in range(4):
        scene.building(box(x0 - 500 + column * 330, y0 + 410, 240, 110), (188, 192, 198), 14)
    scene.note("runway", box(x0, y0 - 300, 1700, 110))
    scene.note("airplanes parked at an airport", box(x0, y0 + 130, 1420, 430))


def sports(scene: Scene, x: float, y: float) -> None:
    """A football field inside a running track, and a block of tennis courts."""
    scene.paint(box(x, y, 560, 340), (112, 128, 82), 10)
    for width, colour in ((430, (168, 84, 64)), (366, (86, 134, 66))):
        ring = shapely.LineString([(x - 110, y), (x + 110, y)]).buffer((width - 220) / 2 + 20)
        scene.paint(list(ring.exterior.coords)[:-1], colour, 5)
    scene.paint(box(x, y, 264, 168), (78, 140, 62), 4, (34, 0, 7))
    for dx, wide, tall in ((0, 264, 168), (-66, 132, 168), (-115, 34, 90), (115, 34, 90)):
        scene.pen.polygon(box(x + dx, y, wide, tall), outline=MARKING, width=2)
    scene.pen.ellipse((x - 23, y - 23, x + 23, y + 23), outline=MARKING, width=2)
    scene.note("football field with a running track", box(x, y, 500, 250))
    for column, row in np.ndindex(4, 2):
        cx, cy = x + 360 + column * 58, y - 68 + row * 110
        scene.paint(box(cx, cy, 56, 104), (58, 112, 92), 3)
        scene.paint(box(cx, cy, 28, 60), (62, 98, 150), 3)
        for ring in (box(cx, cy, 28, 60), box(cx, cy, 20, 60), box(cx, cy, 20, 32)):
            scene.pen.polygon(ring, outline=(238, 238, 238))
        scene.pen.line([(cx - 16, cy), (cx + 16, cy)], fill=(30, 30, 30), width=2)
    scene.note("tennis courts", box(x + 447, y - 13, 232, 216))


def coast(scene: Scene) -> None:
    """The sea along the lower edge: beach with surf to the west, a harbour with boats to the east."""
    shore = [(x, 3560 + 26 * np.sin(x / 210) + 16 * np.sin(x / 77)) for x in range(0, SIDE + 64, 64)]
    wet, surf = (196, 176, 138), (226, 236, 234)
    for lift, colour, rough in ((0, SAND, 8), (120, wet, 6), (136, surf, 14), (152, SEA, 8)):
        ring = [*moved(shore, 0, lift), (SIDE, SIDE), (0.0, SIDE)]
        scene.paint(ring, colour, rough, (41, 80, 3) if colour == SEA else None)
    scene.pen.line(moved(shore, 0, 176), fill=(176, 200, 200), width=3)
    for x in scene.rng.uniform(60, 2400, 160):
        scene.disc(x, 3600 + x % 40, 3.5, scene.pick([(210, 60, 50), (60, 90, 190), MARKING]))
    scene.note("beach", [*shore[:38], *moved(shore[37::-1], 0, 190)])
    scene.paint(box(3500, 3620, 1100, 210), CONCRETE, 6)
    for pier in range(3050, 4050, 150):
        scene.paint(box(pier, 3860, 12, 300), (160, 140, 116), 5)
        for berth, side in np.ndindex(11, 2):
            boat(scene, pier + (side * 2 - 1) * 29, 3735 + berth * 25)
    scene.note("harbour with boats", [(2980, 3700), (4050, 3700), (4050, 4015), (2980, 4015)])


def boat(scene: Scene, x: float, y: float) -> None:
    """A white yacht of about 16 m across the pier."""
    hull = [(x - 20, y - 6), (x + 10, y - 6), (x + 21, y), (x + 10, y + 6), (x - 20, y + 6)]
    scene.pen.polygon(hull, fill=scene.vary((236, 238, 238), 14), outline=(120, 128, 132))
    scene.pen.polygon(box(x - 4, y, 12, 6), fill=scene.pick([(70, 96, 140), (150, 120, 90)]))


def river_x(y: float) -> float:
    """Where the middle of the river is at this height."""
    return float(1560 + 90 * np.sin(y / 330) + 40 * np.sin(y / 140))


def water(scene: Scene) -> None:
    """A river from the north into the sea with its wooded banks, and a lake in the forest."""
    course = [(river_x(y), float(y)) for y in range(-60, 3800, 40)]
    scene.paint(band(course, 252), (112, 118, 78), 14)
    for side in (-140, 140):
        scene.wood(band(moved(course[:-5], side, 0), 34), 21, 9)
    scene.paint(band(course, 200), WATER, 6, (57, 70, 2))
    scene.note("river", band(course[:-4], 200))
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    rim = 230 * np.cos(angles) * (1 + 0.1 * np.sin(3 * angles)) + 1j * 170 * np.sin(angles)
    lake, marsh = ([(620 + z.real * grow, 560 + z.imag * grow) for z in rim] for grow in (1, 1.07))
    scene.paint(marsh, (132, 124, 92), 8)
    scene.paint(lake, (44, 70, 78), 5)
    scene.note("lake", lake)


def bridges(scene: Scene) -> None:
    """The main road and its bridge over the river, with piers' shadow and railings."""
    scene.road([(0, 1330), (SIDE, 1330)], 52, dashes=True)
    for y, wide in ((1330, 60), (2600, 40)):
        x = river_x(y)
        scene.paint(moved(box(x, y, 226, wide), 6, 16), (34, 46, 50), 4)
        scene.paint(box(x, y, 254, wide), (186, 184, 178), 4)
        scene.road([(x - 130, y), (x + 130, y)], wide - 14, dashes=True)
        scene.note("bridge over a river", box(x, y, 256, wide + 20))


def render(seed: int = 7) -> Scene:
    """Paint the whole landscape; the same seed gives the same pixels."""
    picture = Image.new("RGB", (SIDE, SIDE), GRASS)
    scene = Scene(np.random.default_rng(seed), picture, ImageDraw.Draw(picture))
    scene.paint(box(SIDE / 2, SIDE / 2, SIDE, SIDE), GRASS, 16)
    coast(scene)
    forest = [(0.0, 0.0), (1330, 0), (1380, 700), (1300, 1230), (0, 1270)]
    scene.wood(forest, 19, 12)
    scene.note("dense forest", forest)
    water(scene)
    farmland(scene, 0, 1400, 1360, 2560)
    scene.road([(0, 2600), (1780, 2600)], 26)
    orchard = [(40.0, 2660.0), (1300, 2660), (1240, 3300), (40, 3340)]
    scene.paint(orchard, (146, 132, 92), 8)
    scene.wood(orchard, 34, 10, wild=0.15)
    scene.note("orchard", orchard)
    bridges(scene)
    airfield(scene, 2950, 640)
    houses(scene, 1790, 1480, 3110, 2740)
    car_park(scene, 3560, 1640)
    tanks(scene, 3580, 2480)
    sports(scene, 2150, 3100)
    scene.road([(3250, 1330), (3250, 3500)], 30, dashes=True)
    for x in (3222, 3278):
        scene.wood(box(x, 2440, 14, 2060), 30, 9)
    scene.wood(box(3640, 3180, 640, 420), 70, 12)
    scene.picture = picture.filter(ImageFilter.GaussianBlur(0.7))
    return scene


def write_scene(folder: Path, seed: int = 7) -> tuple[Path, Path]:
    """Write scene.tif (tiled, overviews) and truth.gpkg (polygons with `name`) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    raster, truth = folder / "scene.tif", folder / "truth.gpkg"
    scene = render(seed)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": CRS}
    layout = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    with rasterio.open(raster, "w", transform=TRANSFORM, **profile, **layout) as out:
        out.write(np.moveaxis(np.asarray(scene.picture), 2, 0))
    with rasterio.open(raster, "r+") as out:
        out.build_overviews([2, 4, 8, 16], Resampling.average)
    a, b, c, d, e, f = TRANSFORM[:6]
    shapes = [affine_transform(shape, (a, b, d, e, c, f)) for _, shape in scene.truth]
    names = np.array([name for name, _ in scene.truth], dtype=object)
    wkb = shapely.to_wkb(shapes)
    pyogrio.raw.write(truth, wkb, [names], ["name"], geometry_type="Polygon", crs=CRS, layer="truth")
    return raster, truth
