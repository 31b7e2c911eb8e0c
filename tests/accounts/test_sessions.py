from datetime import timedelta

import pytest
from sqlalchemy import select

from demo.authenticator import Authenticator
from mnemosyne.accounts import sessions
from mnemosyne.accounts.credentials import (
    CredentialKind,
    NewSession,
    NotSignedInError,
)
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.sessions import SessionNotFoundError
from mnemosyne.accounts.store_sessions import session
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from tests.accounts.conftest import Ways
from tests.requirements import requirement

IDLE = timedelta(days=7)
LONGEST = timedelta(days=30)


async def begin(
    ways: Ways, who: Person, kind: CredentialKind = CredentialKind.SESSION, device: str = ""
) -> NewSession:
    ways.clock.advance(timedelta(seconds=1))
    at = ways.clock()
    return await ways.database.write(
        lambda tx: sessions.begin(tx, who.id, "0" * 32, at, device=device, kind=kind)
    )


async def admits(ways: Ways, begun: NewSession) -> bool:
    try:
        return await ways.sessions.admit(begun.secret) == begun.admitted
    except NotSignedInError:
        return False


@requirement("serving.sessions")
async def test_a_session_admits_its_person_and_is_kept_as_a_hash(
    ways: Ways, person: Person
) -> None:
    begun = await begin(ways, person, device="Firefox\non\x1b[31m Linux " + "x" * 500)

    assert await admits(ways, begun)
    rows = await ways.database.read(
        lambda tx: tx.execute(select(session).where(session.c.owner == person.id)).all()
    )
    assert rows[0].digest == sha256(begun.secret.encode())
    assert begun.secret not in repr(begun)
    kept = (await ways.sessions.all(begun.admitted.principal))[0]
    assert len(kept.device) <= 128
    assert kept.device.startswith("Firefox on␛[31m Linux x")


async def test_what_is_no_session_admits_nobody(ways: Ways, person: Person) -> None:
    begun = await begin(ways, person)
    told = set()
    for secret in (
        "",
        "garbage",
        begun.secret[:-1],
        begun.secret + "A",
        begun.secret.replace("mnemsession_", "mnem_"),
        begun.secret[:-1] + ("A" if begun.secret[-1] != "A" else "B"),
        "mnemsession_" + "A" * 48,
        "ä" * 60,
        "\ud800" * 60,
        "A" * 100_000,
    ):
        with pytest.raises(NotSignedInError) as refused:
            await ways.sessions.admit(secret)
        told.add((str(refused.value), refused.value.why, refused.value.hint))
    assert len(told) == 1


@requirement("serving.sessions")
async def test_a_session_ends_after_a_week_alone(ways: Ways, person: Person) -> None:
    begun = await begin(ways, person)

    ways.clock.advance(IDLE - timedelta(seconds=1))
    assert await admits(ways, begun)
    ways.clock.advance(IDLE - timedelta(seconds=1))
    assert await admits(ways, begun)
    ways.clock.advance(IDLE)
    assert not await admits(ways, begun)
    ways.clock.advance(-IDLE)
    assert not await admits(ways, begun)  # a clock that is set back revives nothing that was seen


@requirement("serving.sessions")
async def test_a_session_ends_after_a_month_however_much_it_is_used(
    ways: Ways, person: Person
) -> None:
    begun = await begin(ways, person)
    for _ in range(29):
        ways.clock.advance(timedelta(days=1))
        assert await admits(ways, begun)

    ways.clock.advance(timedelta(days=1))

    assert not await admits(ways, begun)


async def test_a_session_that_recovers_ends_after_half_an_hour(ways: Ways, person: Person) -> None:
    begun = await begin(ways, person, CredentialKind.RECOVERY)
    assert begun.admitted.principal.scopes == frozenset()

    ways.clock.advance(timedelta(minutes=30))

    assert not await admits(ways, begun)


async def test_that_a_session_is_used_is_noted_every_five_minutes(
    ways: Ways, person: Person
) -> None:
    begun = await begin(ways, person)
    began = ways.clock()

    async def last_seen() -> object:
        return (await ways.sessions.all(begun.admitted.principal))[0].last_seen_at

    ways.clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    assert await admits(ways, begun)
    assert await last_seen() == began
    ways.clock.advance(timedelta(seconds=1))
    assert await admits(ways, begun)
    assert await last_seen() == ways.clock()


@requirement("serving.sessions")
async def test_sessions_are_listed_and_ended_one_by_one(ways: Ways, person: Person) -> None:
    one, other = [await begin(ways, person) for _ in range(2)]
    who = one.admitted.principal
    assert [each.id for each in await ways.sessions.all(who)] == [
        other.admitted.id,
        one.admitted.id,
    ]

    await ways.sessions.revoke(who, other.admitted.id)

    assert not await admits(ways, other)
    assert await admits(ways, one)
    assert (await ways.acts(person))[0] == "session-ended"
    await ways.sessions.sign_out(one.admitted)
    assert not await admits(ways, one)


async def test_every_other_session_is_ended_at_once(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    mine, *others = [await begin(ways, person) for _ in range(3)]
    theirs = await begin(ways, somebody_else)

    assert await ways.sessions.revoke_others(mine.admitted.principal, mine.admitted.id) == 2

    assert [await admits(ways, each) for each in (mine, *others, theirs)] == [
        True,
        False,
        False,
        True,
    ]


async def test_sessions_of_another_person_are_as_absent_ones(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    mine, theirs = await begin(ways, person), await begin(ways, somebody_else)

    for absent in (theirs.admitted.id, "0" * 32):
        with pytest.raises(SessionNotFoundError):
            await ways.sessions.revoke(mine.admitted.principal, absent)

    assert await admits(ways, theirs)
    assert len(await ways.sessions.all(mine.admitted.principal)) == 1


async def test_only_whose_node_it_is_administers_it(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    mine, theirs = await begin(ways, person), await begin(ways, somebody_else)

    assert mine.admitted.principal.scopes == frozenset(Scope)
    assert theirs.admitted.principal.scopes == frozenset(Scope) - {Scope.ADMIN}
    assert mine.admitted.principal.held
    assert mine.admitted.principal.channel == "http"


async def test_ended_sessions_are_forgotten_when_another_begins(ways: Ways, person: Person) -> None:
    await begin(ways, person)
    await begin(ways, person, CredentialKind.RECOVERY)
    ways.clock.advance(LONGEST)

    await begin(ways, person)

    rows = await ways.database.read(
        lambda tx: tx.execute(select(session.c.id).where(session.c.owner == person.id)).all()
    )
    assert len(rows) == 1


async def test_a_script_does_not_look_after_sessions(ways: Ways, person: Person) -> None:
    begun = (await ways.enrol(person, Authenticator())).session.admitted
    script = Principal(person.id, frozenset({Scope.MEMORY_WRITE}), "token", "http")

    for call in (
        ways.sessions.all(script),
        ways.sessions.revoke(script, begun.id),
        ways.sessions.revoke_others(script, begun.id),
    ):
        with pytest.raises(MissingScopeError):
            await call
