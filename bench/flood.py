"""A flood of strangers who guess, and a person who goes on meanwhile (operations.md §14, E1).

Half of the flood comes from one address and half from a thousand; half redeems recovery codes and
half answers with passkeys that nobody has. Every connection is a fresh one.
"""

import asyncio
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from bench.measure import Figure, ms, percentile
from tools.live_node import LiveNode, Visitor, live_node

REQUESTS: Final = 10_000
CONNECTIONS: Final = 1_000
_ADDRESSES: Final = 1_000
_EXPECTED: Final = frozenset({200, 401, 429, 503})
_GAVE_UP: Final = 0
_PATIENCE: Final = 60.0
_QUIET: Final = 5.0
_SIGNED_IN: Final = 201


@dataclass
class Flood:
    """What became of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    live: list[float] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)


def figures(requests: int = REQUESTS) -> list[Figure]:
    """Flood a node of its own and return what was measured."""
    with tempfile.TemporaryDirectory(prefix="mnemosyne-flood-") as made:
        with live_node(Path(made)) as node:
            person = node.visitor()
            person.register(node.secret)
            for number in range(20):
                key = {"Idempotency-Key": f"flood-{number}"}
                person.ask("POST", "/v1/memories", {"content": f"A note, number {number}."}, key)
            quiet = _quiet(person)
            found = _under_flood(node, person, requests)
            found.quiet = quiet
            peak = _peak_mib(node.pid)
            after = _until_signed_in(person)
        return _figures(found, requests, peak, after)


def _quiet(person: Visitor) -> list[float]:
    """Return how long a person waits for each answer while nobody else asks anything."""
    found, over = Flood(), threading.Event()
    threading.Timer(_QUIET, over.set).start()
    _go_on(person, found, over)
    return found.live


def _under_flood(node: LiveNode, person: Visitor, requests: int) -> Flood:
    found, over = Flood(), threading.Event()
    going_on = threading.Thread(target=_go_on, args=(person, found, over))
    going_on.start()
    try:
        asyncio.run(_flood(node, _guesses(node, requests), found))
    finally:
        over.set()
        going_on.join()
    return found


def _go_on(person: Visitor, found: Flood, over: threading.Event) -> None:
    """Do what a signed-in person does, ten times a second, over a connection that stays."""
    connection = HTTPConnection("127.0.0.1", person.port, _PATIENCE)
    while not over.wait(0.1):
        for method, path, body in (
            ("GET", "/v1/memories", None),
            ("POST", "/v1/search", json.dumps({"question": "which number"})),
        ):
            start = time.perf_counter()
            try:
                headers = person.headers() | {"Content-Type": "application/json"}
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                response.read()
                status = response.status
            except (OSError, HTTPException):
                connection.close()
                status = _GAVE_UP
            found.live.append(time.perf_counter() - start)
            if status != 200:  # noqa: PLR2004
                found.failed[status] += 1
    connection.close()


def _guesses(node: LiveNode, requests: int) -> list[tuple[str, bytes]]:
    """Return each guess as the address that it comes from and the bytes of its request."""
    found = []
    answers: dict[str, tuple[object, str]] = {}
    for number in range(requests):
        many = number % 2 == 1
        address = _address(number // 2 % _ADDRESSES) if many else "127.66.66.66"
        if number % 4 < 2:  # noqa: PLR2004 - half of each
            code = f"{number:04d}-AAAA-BBBB-CCCC-DDDD"
            found.append((address, _request(node, "/v1/recovery", {"code": code}, "")))
            continue
        if address not in answers:
            stranger = node.visitor(address)
            answers[address] = _stranger(stranger)
        body, cookie = answers[address]
        found.append((address, _request(node, "/v1/sessions", body, cookie)))
    return found


def _stranger(stranger: Visitor) -> tuple[object, str]:
    """Return an answer of a passkey that the node does not know, to a challenge of the node."""
    options = stranger.must("/v1/sessions/options", None)
    party = {"id": options["rpId"]}
    user = {"id": "c3RyYW5nZXI"}
    made = {"rp": party, "user": user, "challenge": options["challenge"]}
    stranger.device.create(made, stranger.origin)
    answer = stranger.device.get(options, stranger.origin)
    return {"answer": answer}, stranger.headers()["Cookie"]


def _address(number: int) -> str:
    return f"127.77.{number // 250}.{number % 250 + 1}"


def _request(node: LiveNode, path: str, body: object, cookie: str) -> bytes:
    data = json.dumps(body).encode()
    host = node.origin.partition("://")[2]
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: {node.origin}",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        "Connection: close",
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


async def _flood(node: LiveNode, guesses: Sequence[tuple[str, bytes]], found: Flood) -> None:
    waiting = iter(guesses)

    async def keep_on() -> None:
        for address, request in waiting:
            start = time.perf_counter()
            status = await _sent(node.port, address, request)
            found.seconds.append(time.perf_counter() - start)
            found.statuses[status] += 1

    await asyncio.gather(*(keep_on() for _ in range(CONNECTIONS)))


async def _sent(port: int, address: str, request: bytes) -> int:
    """Return the status that a request was answered with, 0 for none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(address, 0)
            )
            writer.write(request)
            line = await reader.readline()
            writer.close()
            return int(line.split()[1]) if line else _GAVE_UP
    except (OSError, TimeoutError):
        return _GAVE_UP


def _peak_mib(pid: int) -> float:
    """Return the most memory that a process had, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _until_signed_in(person: Visitor) -> float:
    """Return after how many seconds somebody can sign in with their passkey."""
    start = time.perf_counter()
    while time.perf_counter() - start < 2 * _PATIENCE:
        asked = person.ask("POST", "/v1/sessions/options")
        if asked.status == 200:  # noqa: PLR2004
            answer = person.device.get(asked.body, person.origin)
            if person.ask("POST", "/v1/sessions", {"answer": answer}).status == _SIGNED_IN:
                break
        time.sleep(1)
    return time.perf_counter() - start


def _figures(found: Flood, requests: int, peak: float, after: float) -> list[Figure]:
    told = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    strange = sum(count for status, count in found.statuses.items() if status not in _EXPECTED)
    slowest, p99 = max(found.seconds), percentile(found.live, 99)
    failed, quiet = sum(found.failed.values()), ms(percentile(found.quiet, 99))
    return [
        _figure("answered as they should", requests - strange, told, requests, "", at_most=False),
        _figure("the slowest answer", slowest, "of the flood", 5, "s"),
        _figure("peak memory of the node", peak, "", 600, "MiB"),
        _figure("a person meanwhile, p99", p99 * 1000, f"without a flood {quiet}", 200, "ms"),
        _figure("a person was refused", failed, str(dict(found.failed)), 0, ""),
        _figure("signed in after", after, "with a passkey", 60, "s"),
    ]


def _figure(
    name: str, amount: float, about: str, bar: float, unit: str, *, at_most: bool = True
) -> Figure:
    return Figure(name, f"{amount:,.1f} {unit}".rstrip(), about, 1.0, bar, at_most, amount, unit)
