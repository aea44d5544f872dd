"""How much memory this process may still take, as far as the system tells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from msa_model.protocol.errors import MsaError

_SPARE = 200_000_000  # bytes that stay free, for what nobody counts
_NAMES = (("memory.limit_in_bytes", "memory.usage_in_bytes"), ("memory.max", "memory.current"))  # 1, 2


def check_fits(size: int, what: str, instead: str) -> None:
    """Whether so many bytes of memory are to be had, before work begins; where nobody can tell, they are.

    Raises:
        not_enough_memory: they are not; the sentence says what needs them, and what to do instead.
    """
    free = free_memory()
    if free is not None and size + _SPARE > free:
        told = f"{size / 1e9:.2f} GB of memory, and {max(0, free - _SPARE) / 1e9:.2f} GB are free"
        raise MsaError.of("not_enough_memory", f"{what} takes {told}: {instead}.")


def free_memory() -> int | None:
    """Bytes that this process may still take: of the machine, of its container, and by its own limits."""
    return min(_told(), default=None)


def _told() -> Iterator[int]:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  (only there)

        numbers = ("physical", "free", "page", "page_free", "space", "space_free", "extended")

        class Status(ctypes.Structure):
            """MEMORYSTATUSEX."""

            _fields_ = (
                *((name, ctypes.c_uint32) for name in ("length", "load")),
                *((name, ctypes.c_uint64) for name in numbers),
            )

        status = Status()
        status.length = ctypes.sizeof(status)
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        yield int(status.free)
    else:
        yield from _machine()
        yield from _container()
        yield from _limits()


def _machine() -> Iterator[int]:
    with suppress(OSError, ValueError, KeyError):
        yield _table("/proc/meminfo")["MemAvailable"]


def _container() -> Iterator[int]:
    """What the group of processes has left; a container sees its own as the root of all."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, kinds, group = line.split(":", 2)
            if not kinds or "memory" in kinds.split(","):
                for place in (
                    PurePosixPath(group),
                    *PurePosixPath(group).parents,
                ):  # limits hold further down
                    folder = Path("/sys/fs/cgroup", kinds and "memory", *place.parts[1:])
                    yield from _group(folder, bool(kinds))


def _group(folder: Path, first: bool) -> Iterator[int]:
    """Of a folder of version 1 or 2."""
    most, taken = _NAMES[not first]
    with suppress(OSError, ValueError):
        used = int((folder / taken).read_text()) - _reclaimable(folder)
        yield int((folder / most).read_text()) - used


def _reclaimable(folder: Path) -> int:
    """Of what a group has taken, the file cache that goes when memory is short."""
    with suppress(OSError, ValueError, KeyError):
        words = (folder / "memory.stat").read_text().split()
        return int(dict(zip(words[::2], words[1::2], strict=True))["inactive_file"])
    return 0


def _limits() -> Iterator[int]:
    """By `ulimit`: data counts what the process has of its own, address space mapped files as well."""
    import resource  # noqa: PLC0415  (not on Windows)

    with suppress(OSError, ValueError, KeyError):
        own = _table("/proc/self/status")
        for limit, taken in ((resource.RLIMIT_DATA, "VmData"), (resource.RLIMIT_AS, "VmSize")):
            most, _ = resource.getrlimit(limit)
            if most != resource.RLIM_INFINITY:
                yield most - own[taken]


def _table(path: str) -> dict[str, int]:
    """Bytes by name of a table of kB."""
    rows = (line.split() for line in Path(path).read_text().splitlines() if line.endswith("kB"))
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows}
