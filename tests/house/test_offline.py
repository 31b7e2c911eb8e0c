"""The policy of tests/conftest.py holds."""

import socket
from pathlib import Path

import pytest

from tests.requirements import requirement

# RFC 5737 keeps this block for documentation; nothing answers there.
ELSEWHERE = "192.0.2.1"


@requirement("house.offline-tests")
def test_a_connection_beyond_this_machine_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client,
        pytest.raises(RuntimeError, match=ELSEWHERE),
    ):
        client.connect((ELSEWHERE, 443))


@requirement("house.offline-tests")
def test_a_name_look_up_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"mnemosyne\.invalid"):
        socket.getaddrinfo("mnemosyne.invalid", 443)


@requirement("house.offline-tests")
def test_a_datagram_beyond_this_machine_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(RuntimeError, match=ELSEWHERE),
    ):
        sender.sendto(b"x", (ELSEWHERE, 53))


def test_loopback_is_allowed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_a_unix_socket_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # an absolute path could exceed the 104 bytes of macOS
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("door")
        server.listen()
        client.connect("door")

        assert client.getpeername() == "door"
