"""Whether the time of a refusal tells who is known here (operations.md §14, E3).

What is known and what is not is tried in turn, so that whatever else the machine does falls on both
alike. What counts is the median of five runs of the difference of medians.
"""

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.measure import Figure, ms
from demo.authenticator import Authenticator
from tools.live_node import Visitor, live_node

TIMES: Final = 200
RUNS: Final = 5
_NO_LIMIT: Final = 10**9
_BAR: Final = 15.0
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Try = Callable[[], float]


def figures(times: int = TIMES, runs: int = RUNS) -> list[Figure]:
    """Measure a node of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="mnemosyne-telling-") as made,
        live_node(Path(made), _NO_LIMIT) as node,
    ):
        person = node.visitor()
        codes = person.register(node.secret)
        stranger = node.visitor()
        asked = [
            ("signing in", _signing_in(stranger, person.device)),
            ("confirming an act", _confirming(person)),
            ("a recovery code", _recovering(stranger, codes)),
        ]
        return [_figure(name, known, unknown, times, runs) for name, (known, unknown) in asked]


def _signing_in(visitor: Visitor, known: Authenticator) -> tuple[Try, Try]:
    """Try a passkey of somebody with a wrong signature, and one that nobody has."""

    def tried(device: Authenticator) -> float:
        options = visitor.must("/v1/sessions/options", None)
        return _timed(visitor, "/v1/sessions", {"answer": device.get(options, visitor.origin)})

    wrong, unknown = _wrong(known, keep=True), _wrong(known, keep=False)
    return lambda: tried(wrong), lambda: tried(unknown)


def _confirming(person: Visitor) -> tuple[Try, Try]:
    """Try the same two where somebody is signed in."""
    action: dict[str, Any] = {"method": "GET", "path": "/v1/memories", "query": {}, "body": None}

    def tried(device: Authenticator) -> float:
        options = person.must("/v1/step-up/options", {"action": action})
        options |= {"allowCredentials": []}
        answer = device.get(options, person.origin)
        return _timed(person, "/v1/step-up", {"action": action, "answer": answer})

    wrong, unknown = _wrong(person.device, keep=True), _wrong(person.device, keep=False)
    return lambda: tried(wrong), lambda: tried(unknown)


def _recovering(visitor: Visitor, codes: list[str]) -> tuple[Try, Try]:
    """Try a code whose first letters are somebody's, and one whose are nobody's."""
    taken = {code[:4] for code in codes}

    def tried(selector: str) -> float:
        guess = "".join(secrets.choice(_LETTERS) for _ in range(16))
        return _timed(visitor, "/v1/recovery", {"code": f"{selector}{guess}"})

    def unknown() -> float:
        made = "".join(secrets.choice(_LETTERS) for _ in range(4))
        return unknown() if made in taken else tried(made)

    return lambda: tried(codes[0][:4]), unknown


def _wrong(device: Authenticator, *, keep: bool) -> Authenticator:
    """Return a device with another key under the name of a known passkey, or under a new one."""
    other, real = Authenticator(), device.credentials[0]
    made = {
        "rp": {"id": real.rp_id},
        "user": {"id": "c3RyYW5nZXI"},
        "challenge": "AAAA",
    }
    other.create(made, "")
    fresh = other.credentials[0]
    name = real.id if keep else fresh.id
    other.credentials[0] = replace(fresh, id=name, user_handle=real.user_handle)
    return other


def _timed(visitor: Visitor, path: str, body: Any) -> float:  # noqa: ANN401 - a JSON document
    start = time.perf_counter()
    visitor.ask("POST", path, body)
    return time.perf_counter() - start


def _figure(name: str, known: Try, unknown: Try, times: int, runs: int) -> Figure:
    differences, medians = [], (0.0, 0.0)
    for _ in range(runs):
        pairs = [(known(), unknown()) for _ in range(times)]
        medians = statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
        differences.append(abs(medians[0] - medians[1]) / max(medians) * 100)
    apart = statistics.median(differences)
    about = f"known {ms(medians[0])}, unknown {ms(medians[1])}"
    return Figure(name, f"{apart:.1f} %", about, 1.0, _BAR, amount=apart, unit="%")
