"""Confirm an act without the ceremony; what an act is, is said here a second time."""

from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs

from mnemosyne.accounts.challenges import LIFETIME
from mnemosyne.accounts.step_ups import _Confirmed
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.ids import Identifier
from tests.security.world import Headers, World

HEADER: Final = "Step-Up"


def confirmed(
    world: World,
    session: Identifier,
    method: str,
    target: str,
    body: Any = None,  # noqa: ANN401 - any JSON value
) -> Headers:
    """Return the header that lets one request of a session through, once."""
    path, _, query = target.partition("?")
    action = {
        "method": method,
        "path": path,
        "query": parse_qs(query, keep_blank_values=True),
        "body": body,
    }
    digest = sha256(canonical_json(action)).digest()
    made = _Confirmed(session, digest, world.clock() + LIFETIME)
    return {HEADER: world.node.step_ups._keep(made)}
