"""The matrix: every operation of the document, called by everybody who may not, and by who may."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.types import ASGIApp

from mnemosyne.accounts.model import Person
from mnemosyne.accounts.tokens import GRANTABLE
from mnemosyne.kit.principal import Scope
from tests.api.asgi import Answer
from tests.security.callers import Browser, Callers
from tests.security.confirming import confirmed
from tests.security.policy import KEY, VARIANT, Call, Operation, Whom, filled
from tests.security.rows import OWN, Rows, absent, order
from tests.security.world import CANARY, Headers, World

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_LIKE_ABSENT: Final = frozenset({404, 410})
Cells = list[tuple[str, str]]
Names = Mapping[str, str]
Find = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Documented:
    """An operation as the document has it."""

    name: str
    method: str
    path: str
    scopes: frozenset[Scope] | None
    """What a script has to carry, or None where it is not let in."""


def documented(document: Mapping[str, Any]) -> Iterator[Documented]:
    """Yield every operation of an OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in _METHODS:
                scopes = _scopes_of_a_token(operation["security"])
                yield Documented(operation["operationId"], method.upper(), path, scopes)


def _scopes_of_a_token(security: list[dict[str, list[str]]]) -> frozenset[Scope] | None:
    found = [frozenset(map(Scope, each["token"])) for each in security if "token" in each]
    return found[0] if found else None


class Matrix:
    """Calls operations of one application as everybody, and says which cells are wrong."""

    def __init__(
        self,
        world: World,
        callers: Callers,
        table: Mapping[str, Operation],
        app: ASGIApp | None = None,
    ) -> None:
        self._world = world
        self._callers = callers
        self._table = table
        self._app = app or world.app
        self._adas = Rows(world, world.ada)
        self._bobs = Rows(world, world.bob)
        self._number = 0

    async def prepare(self, at: Documented) -> None:
        """Make the rows of Ada's that an operation names, before anybody asks for them."""
        for operation in self._ways(at).values():
            await self._named(operation.call(at.method, at.path), self._adas, self._adas)

    async def wrong(self, at: Documented) -> list[str]:
        """Return what is wrong with an operation, whoever calls it that may not."""
        found = []
        for name, operation in self._ways(at).items():
            call = operation.call(at.method, at.path)
            cells = [] if VARIANT in name else await self._refused(operation, call)
            if operation.whom is not Whom.ANYBODY:
                cells += await self._somebody_else(operation, call)
            found += [f"{name} × {caller}: {what}" for caller, what in cells if what]
        return found

    async def works(self, at: Documented) -> list[str]:
        """Return what is wrong where the owner calls an operation with rows of their own."""
        found = []
        for name, operation in self._ways(at).items():
            answer = await self._as_owner(operation, operation.call(at.method, at.path))
            if answer.status != operation.status:
                found.append(f"{name} × owner: {_short(answer)}")
        return found

    async def works_for_scripts(self, at: Documented) -> list[str]:
        """Return what is wrong where a script carries what the document asks, and no more."""
        if at.scopes is None:
            return []
        found = []
        for name, operation in self._ways(at).items():
            answer = await self._as_script(operation, operation.call(at.method, at.path), at.scopes)
            if answer.status != operation.status:
                found.append(f"{name} × script: {_short(answer)}")
        return found

    async def _as_script(
        self, operation: Operation, call: Call, scopes: frozenset[Scope]
    ) -> Answer:
        owner = self._world.ada
        if operation.alone:
            _, owner = await self._newcomer(operation)
        rows = Rows(self._world, owner)
        carried = scopes or {operation.carries or Scope.SIGNAL_READ}
        token, _ = await self._world.token(owner, frozenset(carried))
        answer = await self._ask(call, token, await self._named(call, rows, rows))
        await self._world.rest()
        return answer

    def _ways(self, at: Documented) -> Mapping[str, Operation]:
        return {
            name: operation
            for name, operation in self._table.items()
            if name.partition(VARIANT)[0] == at.name
        }

    async def _as_owner(self, operation: Operation, call: Call) -> Answer:
        who: Browser | None = self._callers.ada
        owner = self._world.ada
        if operation.alone:
            who, owner = await self._newcomer(operation)
        if operation.whom is Whom.ANYBODY:
            who = None
        if operation.ceremony is not None:
            who, call = await operation.ceremony(self._world, self._callers, call)
        rows = Rows(self._world, owner)
        answer = await self._as(who, operation, call, await self._named(call, rows, rows))
        await self._world.rest()
        return answer

    async def _refused(self, operation: Operation, call: Call) -> Cells:
        """Call it as whoever may not at all, in whatever way they ask."""
        match operation.whom:
            case Whom.ANYBODY:
                return [] if operation.shared else [("anonymous", "why is it open to anybody?")]
            case Whom.ANY_CREDENTIAL:
                return await self._strangers(call)
            case _:
                return await self._strangers(call) + await self._lacking(operation, call)

    async def _strangers(self, call: Call) -> Cells:
        """Call it as everybody whom no credential lets in: all are answered alike."""
        adas = await self._named(call, self._adas, self._adas)
        first, found = b"", []
        for name, headers in self._callers.nobody.items():
            answer = await self._ask(call, headers, adas)
            first = first or answer.body
            right = _is(answer, 401, "not-signed-in") and answer.body == first
            found.append((name, "" if right else _short(answer)))
        return found

    async def _lacking(self, operation: Operation, call: Call) -> Cells:
        """Call it as Ada, with too little."""
        scope = operation.whom if isinstance(operation.whom, Scope) else None
        adas = await self._named(call, self._adas, self._adas)
        # Which scope is missing is told where a token could have it, and nowhere else.
        for_people = operation.session_only or scope not in GRANTABLE
        lacks = "session-needed" if for_people else "missing-scope"
        cells = [("wrong scope", self._callers.without(scope), lacks)]
        if scope is not None:
            cells.append(("recovering", self._callers.recovering, "missing-scope"))
        if operation.session_only:
            cells.append(("script", self._callers.without(None), "session-needed"))
        if operation.step_up:
            ada, bob = self._callers.ada, self._callers.bob
            other = confirmed(self._world, ada.session, "GET", "/v1/memories")
            bobs = self._confirmation(bob, call, adas)
            cells.append(("not confirmed", ada.headers, "step-up-required"))
            cells.append(("confirmed another act", ada.headers | other, "step-up-refused"))
            cells.append(("confirmed by another", ada.headers | bobs, "step-up-refused"))
        found = []
        for name, headers, code in cells:
            answer = await self._ask(call, headers, adas)
            found.append((name, "" if _is(answer, 403, code) else _short(answer)))
        return found

    async def _somebody_else(self, operation: Operation, call: Call) -> Cells:
        """Call it as Bob with Ada's rows, and with rows of nobody: he may not tell them apart."""
        who, bobs = self._callers.bob, self._bobs
        if operation.alone:
            who, newcomer = await self._newcomer(operation)
            bobs = Rows(self._world, newcomer)
        adas = await self._named(call, self._adas, bobs)
        theirs = await self._as(who, operation, call, adas)
        if operation.whom is Scope.ADMIN:
            right = _is(theirs, 403, "missing-scope")
            return [("other person", "" if right else _short(theirs))]
        if CANARY.encode() in theirs.body:
            return [("other person", "it shows what is Ada's")]
        if all(kind.startswith(OWN) for kind in call.rows):
            right = theirs.status == operation.status or operation.ceremony is not None
            return [("other person", "" if right else f"no valid request: {_short(theirs)}")]
        nobodys = await self._named(call, self._nobodys, bobs)
        none = await self._as(who, operation, call, nobodys)
        if _without(theirs, adas) != _without(none, nobodys):
            return [("other person", f"{_short(theirs)} but absent {_short(none)}")]
        right = theirs.status in _LIKE_ABSENT or bool(operation.shared)
        return [("other person", "" if right else _short(theirs))]

    async def _newcomer(self, operation: Operation) -> tuple[Browser, Person]:
        """Return somebody who can be spared, and is ready for an operation."""
        who = await self._world.person(f"Carol {self._number}")
        if operation.before is not None:
            await operation.before(self._world, who)
        return Browser(*await self._world.session(who)), who

    async def _nobodys(self, kind: str) -> str:
        return absent(self._world, kind)

    async def _named(self, call: Call, whose: Find, own: Find) -> Names:
        """Return the rows that a request names: somebody's, and the caller's own."""
        self._number += 1
        named = {
            kind: await (own if kind.startswith(OWN) else whose)(kind)
            for kind in sorted(call.rows, key=order)
        }
        return named | {KEY: f"key-{self._number}"}

    async def _as(
        self, browser: Browser | None, operation: Operation, call: Call, names: Names
    ) -> Answer:
        """Send a request of a browser, confirmed where it has to be."""
        if browser is None:
            return await self._ask(call, {}, names)
        headers = dict(browser.headers)
        if operation.step_up:
            headers |= self._confirmation(browser, call, names)
        return await self._ask(call, headers, names)

    async def _ask(self, call: Call, caller: Headers, names: Names) -> Answer:
        call = _filled(call, names)
        sent = call.raw or (b"" if call.body is None else json.dumps(call.body).encode())
        headers = {**call.headers, **caller}
        return await self._world.ask(call.method, call.target, headers, sent, self._app)

    def _confirmation(self, browser: Browser, call: Call, names: Names) -> Headers:
        call = _filled(call, names)
        return confirmed(self._world, browser.session, call.method, call.target, call.body)


def _filled(call: Call, names: Names) -> Call:
    target, headers = filled(call.target, names), filled(call.headers, names)
    return replace(call, target=target, headers=headers, body=filled(call.body, names))


def _without(answer: Answer, names: Names) -> tuple[int, dict[str, str], bytes]:
    """Return an answer but for what the caller sent."""
    body, headers = answer.body, dict(answer.headers)
    for kind, row in names.items():
        body = body.replace(row.encode(), kind.encode())
    headers.pop("content-length", None)
    return answer.status, headers, body


def _is(answer: Answer, status: int, code: str) -> bool:
    return answer.status == status and answer.json["code"] == code


def _short(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:160].decode('utf-8', 'replace')}"
