"""What schemathesis does around each request: it is signed in, and confirms dangerous acts.

The software authenticator plays the person with a passkey. Requests go to the loopback address,
with the node's own name as their Host: nobody is asked what it means.
"""

import os
from contextlib import suppress
from itertools import count
from typing import Any, Final

import schemathesis

from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.http.step_up import HEADER
from tools.live_node import UnansweredError, Visitor

ORIGIN: Final = "FUZZED_ORIGIN"
SECRET: Final = "FUZZED_SECRET"  # noqa: S105 - the name of a variable
_PEOPLE: Final[list[Visitor]] = []
_TURNS: Final = count()
# Where something is found that a parameter of a path can name. Sessions are not: it would be ours.
_LISTS: Final = {
    "memory": "",
    "contact": "/v1/people",
    "token": "/v1/tokens",
    "invitation": "/v1/invitations",
    "passkey": "/v1/passkeys",
    "job": "/v1/jobs",
}


def _person() -> Visitor:
    """Return who is signed in; the first request registers them."""
    if not _PEOPLE:
        origin = os.environ[ORIGIN]
        made = Visitor(origin, int(origin.rpartition(":")[2]))
        made.register(os.environ[SECRET])
        _PEOPLE.append(made)
    return _PEOPLE[0]


@schemathesis.serializer("application/jsonl")
def as_it_is(context: object, value: object) -> bytes:
    """Send a log as the text that it is."""
    del context
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.deserializer(
    "application/did", "application/did-resolution", "application/did-url-dereferencing"
)
def as_json(context: object, response: schemathesis.Response) -> object:
    """Read a DID document or a result of resolution as the JSON that it is."""
    del context
    return response.json()


@schemathesis.auth()
class SignedIn:
    """The cookie of the person."""

    def get(self, case: schemathesis.Case[Any], context: schemathesis.AuthContext) -> str:
        """Return the secret of their session."""
        del case, context
        return _person().cookies[SESSION_COOKIE]

    def set(
        self, case: schemathesis.Case[Any], data: str, context: schemathesis.AuthContext
    ) -> None:
        """Send it along."""
        del context
        case.cookies = {**(case.cookies or {}), SESSION_COOKIE: data}


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """Come from the node's own page, name what is there, and confirm what has to be confirmed."""
    del context, kwargs
    person = _person()
    signed_in = SESSION_COOKIE in (case.cookies or {})
    if signed_in and case.meta and case.meta.generation.mode.is_positive and next(_TURNS) % 2:
        _name_what_is_there(person, case)
    case.headers["Host"], case.headers["Origin"] = person.host, person.origin
    if signed_in and case.operation.definition.raw.get("x-step-up"):
        _confirm(person, case)


def _name_what_is_there(person: Visitor, case: schemathesis.Case[Any]) -> None:
    """Put something of the person's where a request that fits the schema names something."""
    for name in _LISTS.keys() & case.path_parameters.keys():
        case.path_parameters[name] = _present(person, name) or case.path_parameters[name]
    if "memory" in case.path_parameters and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict) and "memories" in case.body and case.path != "/v1/captures":
        case.body["memories"] = [_present(person, "memory")]


def _present(person: Visitor, name: str) -> str:
    """Return the identifier of something of the person's, of which a memory is always there."""
    if name == "memory":
        key = {"Idempotency-Key": f"fuzz-{next(_TURNS)}"}
        text = {"content": f"A note, number {next(_TURNS)}."}
        return str(person.ask("POST", "/v1/memories", text, key).body.get("id", ""))
    items = person.ask("GET", _LISTS[name]).body.get("items")
    return str(items[0]["id"]) if items else ""


def _confirm(person: Visitor, case: schemathesis.Case[Any]) -> None:
    """Add the header that lets a request through; to one that is none, nothing."""
    body = case.body if isinstance(case.body, dict) else None
    query = {name: [str(value)] for name, value in (case.query or {}).items()}
    action = {"method": case.method, "path": case.formatted_path, "query": query, "body": body}
    with suppress(UnansweredError, ValueError):
        case.headers[HEADER] = person.confirm(action)
