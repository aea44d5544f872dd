"""The full addresses of rasters that were opened: what is stored of them names no secrets."""

from __future__ import annotations

import threading
from collections import OrderedDict

from msa_model.protocol.redaction import without_secrets

_MOST = 1000


class Addresses:
    """Which path last opened a raster, by its address without secrets; for this process only."""

    def __init__(self) -> None:
        self._paths: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def path_of(self, source: str) -> str:
        """The path that opens a raster: as given where it is more than an address, else as last opened."""
        with self._lock:
            return self._paths.get(source, source)

    def opened(self, path: str) -> None:
        """Keep a path that opened a raster."""
        address = without_secrets(path)
        if address == path:
            return
        with self._lock:
            self._paths[address] = path
            self._paths.move_to_end(address)
            if len(self._paths) > _MOST:
                self._paths.popitem(last=False)


OPENED = Addresses()
