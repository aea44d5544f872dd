"""A map server on this machine: XYZ tiles and WMS pictures, with every fault that servers have."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

HALF_WORLD = 20_037_508.342789244
Bounds = tuple[float, float, float, float]
Draw = Callable[[Bounds, int, int], bytes]


@dataclass
class MapServer:
    """What the server serves and how badly; `draw` makes a PNG of bounds in Web Mercator at a size.

    `fault` gives a status for a path, or nothing. Ports come again within one run, and QGIS keeps tiles by
    address: `name` makes each server's addresses its own.
    """

    draw: Draw
    port: int = 0
    fault: Callable[[str], int | None] = lambda path: None
    exception: str = ""  # a WMS exception instead of a picture
    login: str = ""  # 'name:password'
    hangs: bool = False
    files: dict[str, bytes] = field(default_factory=dict)  # by path
    requests: list[str] = field(default_factory=list)
    freed: threading.Event = field(default_factory=threading.Event)
    name: str = field(default_factory=lambda: uuid4().hex)

    @property
    def xyz(self) -> str:
        """The source of a layer of tiles."""
        url = quote(f"http://127.0.0.1:{self.port}/xyz/{self.name}/{{z}}/{{x}}/{{y}}.png", safe=":/")
        return f"type=xyz&url={url}&zmin=0&zmax=19"

    @property
    def misspelt_xyz(self) -> str:
        """A source that makes a valid layer which asks for nothing and draws nothing."""
        return self.xyz.replace("http://", "http%253A%252F%252F")

    @property
    def wms(self) -> str:
        """The source of a layer of the WMS."""
        url = quote(f"http://127.0.0.1:{self.port}/wms/{self.name}", safe="")
        return f"crs=EPSG:3857&format=image/png&layers=town&styles=&url={url}"

    def pictures(self) -> list[str]:
        """The requests for pictures so far."""
        return [path for path in self.requests if "xyz" in path or "GetMap" in path]


@contextmanager
def map_server(draw: Draw) -> Iterator[MapServer]:
    """A server on a port of its own, in a thread."""
    served = MapServer(draw)

    class Handler(_Handler):
        server_state = served

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.freed.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    server_state: MapServer

    def do_GET(self) -> None:
        state = self.server_state
        state.requests.append(self.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if state.login and not self._is_known(state.login):
                self._answer(401, "text/plain", b"who are you?", ("WWW-Authenticate", 'Basic realm="map"'))
            elif state.hangs and "Capabilities" not in self.path:
                state.freed.wait(60)
            elif (status := state.fault(self.path)) is not None:
                self._answer(status, "text/plain", b"no")
            else:
                self._serve(state)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _serve(self, state: MapServer) -> None:
        address = urlsplit(self.path)
        name = self.path if self.path in state.files else address.path
        if name in state.files:
            self._serve_file(state.files[name])
            return
        if address.path.startswith("/xyz/"):
            z, x, y = (int(part) for part in address.path.removesuffix(".png").split("/")[-3:])
            self._answer(200, "image/png", state.draw(tile_bounds(z, x, y), 256, 256))
            return
        query = {name.upper(): values[0] for name, values in parse_qs(address.query).items()}
        if query.get("REQUEST") == "GetCapabilities":
            self._answer(200, "text/xml", CAPABILITIES.format(port=state.port, name=state.name).encode())
        elif state.exception:
            self._answer(200, "application/vnd.ogc.se_xml", EXCEPTION.format(state.exception).encode())
        else:
            west, south, east, north = (float(part) for part in query["BBOX"].split(","))
            size = int(query["WIDTH"]), int(query["HEIGHT"])
            self._answer(200, "image/png", state.draw((west, south, east, north), *size))

    def _serve_file(self, content: bytes) -> None:
        """All of a file, or the range that is asked for."""
        first, _, last = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
        if not first:
            self._answer(200, "image/tiff", content, ("Accept-Ranges", "bytes"))
            return
        start, stop = int(first), min(int(last or len(content)), len(content) - 1) + 1
        told = ("Content-Range", f"bytes {start}-{stop - 1}/{len(content)}")
        self._answer(206, "image/tiff", content[start:stop], told)

    def _is_known(self, login: str) -> bool:
        return self.headers.get("Authorization") == "Basic " + base64.b64encode(login.encode()).decode()

    def _answer(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def tile_bounds(z: int, x: int, y: int) -> Bounds:
    """Where a tile of the usual scheme lies in Web Mercator."""
    side = 2 * HALF_WORLD / 2**z
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    return west, north - side, west + side, north


EXCEPTION = """<?xml version="1.0"?><ServiceExceptionReport version="1.3.0">
<ServiceException code="InternalError">{}</ServiceException></ServiceExceptionReport>"""

CAPABILITIES = """<?xml version="1.0"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>town</Title><OnlineResource xlink:href="http://127.0.0.1:{port}/wms/{name}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format><DCPType><HTTP><Get>
<OnlineResource xlink:type="simple" xlink:href="http://127.0.0.1:{port}/wms/{name}?"/></Get></HTTP></DCPType></GetCapabilities>
<GetMap><Format>image/png</Format><DCPType><HTTP><Get>
<OnlineResource xlink:type="simple" xlink:href="http://127.0.0.1:{port}/wms/{name}?"/></Get></HTTP></DCPType></GetMap>
</Request><Exception><Format>XML</Format></Exception>
<Layer><Title>town</Title><CRS>EPSG:3857</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-180</westBoundLongitude><eastBoundLongitude>180</eastBoundLongitude>
<southBoundLatitude>-85</southBoundLatitude><northBoundLatitude>85</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:3857" minx="-20037508" miny="-20037508" maxx="20037508" maxy="20037508"/>
<Layer queryable="0"><Name>town</Name><Title>town</Title><CRS>EPSG:3857</CRS>
<BoundingBox CRS="EPSG:3857" minx="-20037508" miny="-20037508" maxx="20037508" maxy="20037508"/>
</Layer></Layer></Capability></WMS_Capabilities>"""
