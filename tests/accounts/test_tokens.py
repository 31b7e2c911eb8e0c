"""A token is shown once, kept as a hash, and stops at once or by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mnemosyne.accounts import access_tokens
from mnemosyne.accounts.access_tokens import access_token
from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.accounts.credentials import CredentialKind, NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.token_errors import (
    TokenExpiryError,
    TokenNameError,
    TokenNotFoundError,
    TokenScopesError,
)
from mnemosyne.accounts.tokens import GRANTABLE, PREFIX, Tokens
from mnemosyne.audit.service import Audit
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import MissingScopeError, NeedsSecretError, Principal, Scope
from tests.clock import SetClock
from tests.requirements import requirement

READ = [Scope.MEMORY_READ]


@pytest.fixture
def tokens(database: Database, person: Person, clock: SetClock) -> Tokens:
    del person
    return Tokens(database, clock)


@requirement("serving.tokens")
async def test_a_token_admits_its_person_with_its_scopes_and_nothing_else(
    tokens: Tokens, principal: Principal, clock: SetClock
) -> None:
    token, secret = await tokens.create(principal, " night  import ", [*READ, Scope.MEMORY_WRITE])

    admitted = await tokens.admit(secret)

    assert token.name == "night import"
    assert token.expires_at == clock() + timedelta(days=90)
    assert admitted.kind is CredentialKind.TOKEN
    assert (admitted.id, admitted.expires_at) == (token.id, token.expires_at)
    assert admitted.principal == Principal(
        principal.person,
        frozenset({Scope.MEMORY_READ, Scope.MEMORY_WRITE}),
        token.id,
        "http",
        held=True,
    )


@requirement("serving.tokens")
async def test_of_a_token_the_vault_keeps_the_hash_alone(
    tokens: Tokens, principal: Principal, database: Database
) -> None:
    _, secret = await tokens.create(principal, "script", READ)

    (row,) = await database.read(
        lambda tx: tx.execute(
            select(access_token).where(access_token.c.owner == principal.person)
        ).all()
    )

    assert row.digest == digest_of(secret, PREFIX)
    assert secret not in repr(row)
    entry = (await Audit(database, tokens._clock).entries(principal))[0]
    assert entry.type == "token-created"
    assert secret not in repr(entry)


@requirement("serving.tokens")
async def test_garbage_expired_revoked_and_orphaned_tokens_are_refused_alike(
    tokens: Tokens, principal: Principal, clock: SetClock
) -> None:
    revoked, of_revoked = await tokens.create(principal, "revoked", READ)
    await tokens.revoke(principal, revoked.id)
    _, expired = await tokens.create(principal, "short", READ, timedelta(seconds=1))
    clock.advance(timedelta(seconds=1))

    told = set()
    for secret in (of_revoked, expired, new_secret(PREFIX), "", "mnem_", "garbage", "mnem_" * 99):
        with pytest.raises(NotSignedInError) as refused:
            await tokens.admit(secret)
        told.add((str(refused.value), refused.value.why, refused.value.hint))

    assert len(told) == 1
    clock.advance(timedelta(seconds=-1))
    with pytest.raises(NotSignedInError):
        await tokens.admit(expired)  # a clock that is set back revives nothing that was seen


@requirement("serving.tokens")
@pytest.mark.parametrize(
    "scopes", [[], *[[each] for each in Scope if each not in GRANTABLE], [*READ, Scope.ADMIN]]
)
async def test_a_token_is_never_given_what_needs_a_person(
    tokens: Tokens, principal: Principal, scopes: list[Scope]
) -> None:
    with pytest.raises(TokenScopesError) as refused:
        await tokens.create(principal, "script", scopes)

    assert refused.value.code == "token-scopes"
    assert "memory:read" in refused.value.hint
    assert await tokens.all(principal) == []


def test_erasing_sharing_publishing_and_the_account_are_in_no_token() -> None:
    assert GRANTABLE.isdisjoint(
        {
            Scope.MEMORY_ERASE,
            Scope.SHARE_MANAGE,
            Scope.SIGNAL_PUBLISH,
            Scope.ACCOUNT_MANAGE,
            Scope.ADMIN,
        }
    )


async def test_nobody_hands_out_what_they_may_not_do(tokens: Tokens, principal: Principal) -> None:
    narrow = Principal(principal.person, frozenset({Scope.ACCOUNT_MANAGE, *READ}), "key", "http")

    with pytest.raises(MissingScopeError):
        await tokens.create(narrow, "script", [Scope.MEMORY_WRITE])
    assert (await tokens.create(narrow, "script", READ))[0].scopes == frozenset(READ)


async def test_a_stored_scope_that_is_granted_no_more_is_not_admitted(
    tokens: Tokens, principal: Principal, database: Database
) -> None:
    token, secret = await tokens.create(principal, "old", READ)
    wider = frozenset({*READ, Scope.ADMIN})
    await database.write(
        lambda tx: tx.execute(
            access_token.update()
            .where(access_token.c.owner == principal.person, access_token.c.id == token.id)
            .values(scopes=sorted(wider))
        )
    )

    assert (await tokens.admit(secret)).principal.scopes == frozenset(READ)


@requirement("serving.tokens")
@pytest.mark.parametrize("days", [0, -1, 366, 10_000])
async def test_a_token_lasts_for_a_year_at_most(
    tokens: Tokens, principal: Principal, days: int
) -> None:
    with pytest.raises(TokenExpiryError) as refused:
        await tokens.create(principal, "script", READ, timedelta(days=days))

    assert refused.value.code == "token-expiry"
    assert "365" in refused.value.hint


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x1b[2Jb", "a\u202eb"])
async def test_a_token_has_a_name_that_can_be_seen(
    tokens: Tokens, principal: Principal, name: str
) -> None:
    with pytest.raises(TokenNameError) as refused:
        await tokens.create(principal, name, READ)

    assert refused.value.code == "token-name"
    assert refused.value.hint


@requirement("serving.tokens")
async def test_when_a_token_was_used_is_noted_every_five_minutes(
    tokens: Tokens, principal: Principal, clock: SetClock
) -> None:
    _, secret = await tokens.create(principal, "script", READ)
    made = clock()

    seen = []
    for seconds in (0, 299, 1, 600):
        clock.advance(timedelta(seconds=seconds))
        await tokens.admit(secret)
        seen.append((await tokens.all(principal))[0].last_used_at)

    assert seen == [made, made, made + timedelta(minutes=5), made + timedelta(minutes=15)]


async def test_the_token_of_somebody_else_answers_as_one_that_never_was(
    tokens: Tokens, principal: Principal, somebody_else: Person
) -> None:
    other = Principal.local(somebody_else.id)
    theirs, secret = await tokens.create(other, "theirs", READ)

    told = set()
    for token_id in (theirs.id, "0" * 32, "garbage", ""):
        with pytest.raises(TokenNotFoundError) as missing:
            await tokens.revoke(principal, token_id)
        told.add((missing.value.code, str(missing.value), missing.value.why, missing.value.hint))

    assert len(told) == 1
    assert await tokens.all(principal) == []
    assert (await tokens.admit(secret)).principal.person == other.person


async def test_a_token_needs_the_account_and_a_fresh_secret(
    tokens: Tokens, principal: Principal, database: Database
) -> None:
    held = Principal(principal.person, frozenset(Scope), "key", "http", held=True)
    without = Principal(principal.person, frozenset(READ), "key", "http")

    with pytest.raises(NeedsSecretError):
        await tokens.create(held, "script", READ)
    for asked in (tokens.create(without, "x", READ), tokens.all(without)):
        with pytest.raises(MissingScopeError):
            await asked
    assert await database.read(lambda tx: access_tokens.of_owner(tx, principal.person)) == []
