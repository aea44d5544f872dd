"""Fixtures that every kind of test may use; nothing is imported here that QGIS's Python lacks."""

from __future__ import annotations

import os
import subprocess
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator  # noqa: UP035  (Python 3.9 of older QGIS)

import pytest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.generic]

# The engine is chosen by measuring, which takes its time: tests of that say so themselves.
os.environ.setdefault("MSA_SEARCH_ENGINE", "torch")
# Beside other work a worker that yields gets next to nothing of the processor.
os.environ.setdefault("MSA_SEARCH_PRIORITY", "normal")


def pytest_configure(config: pytest.Config) -> None:
    """Properties are not judged by the clock: a busy machine takes its time."""
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("calm")


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No run finds indexes that an earlier one made of rasters of the same content; pip keeps its cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    os.environ.setdefault("PIP_CACHE_DIR", str(cache / "pip"))
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data sets beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the data sets beside the checkout (../shared) are absent")
    return SHARED


@pytest.fixture
def make_raster(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoTIFF of `values` [bands, h, w]; by default 1 m pixels in EPSG:32633."""

    def make(values: Values, name: str = "scene.tif", **profile: object) -> Path:
        from rasterio import Affine
        from rasterio import open as open_raster

        bands, height, width = values.shape
        settings = {
            "driver": "GTiff",
            "width": width,
            "height": height,
            "count": bands,
            "dtype": values.dtype,
            "crs": "EPSG:32633",
            "transform": Affine(1, 0, 500_000, 0, -1, 5_000_000),
            "tiled": True,
            "blockxsize": 256,
            "blockysize": 256,
            "photometric": "rgb" if bands >= 3 and str(values.dtype) == "uint8" else None,
        } | profile
        with open_raster(tmp_path / name, "w", **{k: v for k, v in settings.items() if v is not None}) as out:
            out.write(values)
        return tmp_path / name

    return make


@pytest.fixture
def file_limit() -> Callable[[int], AbstractContextManager[None]]:
    """No file of this process may become larger than that many bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource", reason="the system knows no limit on the size of files")

    @contextmanager
    def limited(room: int) -> Iterator[None]:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    return limited


@pytest.fixture
def disk_of(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Makes a disk of its own with room for so many bytes, and for so many files and folders."""
    mounted: list[Path] = []

    def mount(size: int, files: int = 100) -> Path:
        place = tmp_path / f"disk{len(mounted)}"
        place.mkdir()
        options = f"size={size},nr_inodes={files + 1}"
        try:
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no right to mount a small file system here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:  # lazily: GDAL may have a file open yet
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def small_disk(disk_of: Callable[..., Path]) -> Path:
    """A disk of its own with room for 200 kB in eight files and folders."""
    return disk_of(200 * 1024, 8)


@pytest.fixture
def textured() -> Callable[..., Values]:
    """Smooth random colours: uint8 [bands, h, w], the same for the same size and seed."""

    def paint(height: int, width: int, bands: int = 3, seed: int = 0) -> Values:
        import numpy as np

        coarse = np.random.default_rng(seed).integers(40, 220, (bands, height // 16 + 2, width // 16 + 2))
        fine = np.random.default_rng(seed + 1).integers(-12, 12, (bands, height, width))
        blown = coarse.repeat(16, axis=1).repeat(16, axis=2)[:, :height, :width]
        return (blown + fine).astype(np.uint8)

    return paint
