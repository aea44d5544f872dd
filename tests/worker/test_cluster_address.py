"""Addresses at which there is no scheduler: nobody, another server, none that is one."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from msa_model.cluster.connection import connected
from msa_model.cluster.tasks import Expected
from msa_model.model.encoder import Encoder
from msa_model.protocol.errors import BadArgument
from tests.refusals import raises_kind

pytest.importorskip("distributed", reason="Dask is not installed")


@pytest.fixture(scope="module")
def expected(encoder: Encoder) -> Expected:
    return Expected.of(encoder, None)


def test_a_scheduler_that_is_not_there_is_named(expected: Expected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msa_model.cluster.connection._SECONDS", 1)
    with (
        raises_kind("scheduler_unreachable", match=r"127\.0\.0\.1:1"),
        connected("tcp://127.0.0.1:1", expected),
    ):
        pass


WORDS = {
    "a web server": b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>",
    "a shell": b"SSH-2.0-OpenSSH_9.2\r\n",
    "noughts": bytes(100_000),
    "all bytes": bytes(range(256)) * 64,
    "a frame of a terabyte": struct.pack("<QQQ", 16, 1, 2**40) + b"x" * 100,
    "a frame that is no message": struct.pack("<QQQ", 20, 1, 4) + b"\xc1\xc1\xc1\xc1",
}


@pytest.fixture
def another_server() -> Iterator[Callable[[bytes], str]]:
    """Starts one that says the same to whoever comes and keeps the line; gives its address."""
    with ExitStack() as open_here:

        def serve(words: bytes) -> str:
            listener = open_here.enter_context(socket.create_server(("127.0.0.1", 0)))

            def answer() -> None:
                with suppress(OSError):  # the test is over
                    while True:
                        caller = open_here.enter_context(listener.accept()[0])
                        caller.sendall(words)

            threading.Thread(target=answer, daemon=True).start()
            open_here.callback(listener.shutdown, socket.SHUT_RDWR)
            return f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        yield serve


@pytest.mark.parametrize("server", WORDS)
def test_another_server_in_the_scheduler_s_place_is_named(
    server: str, another_server: Callable[[bytes], str], expected: Expected
) -> None:
    address = another_server(WORDS[server])
    with (
        raises_kind("scheduler_unreachable", match=f"The server at {address} is no Dask scheduler"),
        connected(address, expected),
    ):
        pass


def test_a_server_that_says_nothing_is_not_waited_for(
    another_server: Callable[[bytes], str], expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("msa_model.cluster.connection._SECONDS", 1)
    address = another_server(b"")
    with (
        raises_kind("scheduler_unreachable", match=f"{address} takes a connection, but says nothing"),
        connected(address, expected),
    ):
        pass


@pytest.mark.parametrize(
    "address",
    [
        "localhost:8786",
        "tcp://",
        "tcp://[",
        "tcp://host",
        "tcp://host:port",
        "tcp://host:0",
        "tcp://host:65536",
        "tcp://user:geheim@host:8786",
        "https://host:8786/?token=geheim",
        "tcp://host\n:8786",
        "tcp://host:8786\0",
        "tcp://\udcff:8786",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_secrets(address: str, expected: Expected) -> None:
    with pytest.raises(BadArgument, match="tcp://host:8786") as refused, connected(address, expected):
        pass
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "words"), [("tls://127.0.0.1:1", "certificates"), (f"tcp://{'a' * 64}:1", "names no host")]
)
def test_an_address_that_dask_cannot_use_is_named(address: str, words: str, expected: Expected) -> None:
    with pytest.raises(BadArgument, match=words), connected(address, expected):
        pass
