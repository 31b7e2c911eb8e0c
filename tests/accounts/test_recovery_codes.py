"""Recovery codes: ten, each good once, for adding a passkey and nothing else, and never quietly."""

import asyncio
from collections.abc import Callable

import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts import recovery_codes
from mnemosyne.accounts.credentials import CredentialKind, NotSignedInError
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.recovery_codes import RecoveryCodeRefusedError, read_code
from mnemosyne.accounts.slow_hashes import COST, BusyNowError, SlowHashes
from mnemosyne.accounts.store_recovery_codes import by_selector
from mnemosyne.kit.principal import NeedsSecretError, Principal
from tests.accounts.conftest import FAST, PARTY, Ways
from tests.requirements import requirement


async def redeems(ways: Ways, code: str) -> str:
    """Return whom a code lets in, or nobody."""
    try:
        return (await ways.codes.redeem(code)).admitted.principal.person
    except RecoveryCodeRefusedError:
        return ""


@requirement("serving.enrolment", "serving.recovery-codes")
async def test_an_account_begins_with_ten_codes_of_eighty_bits(ways: Ways, person: Person) -> None:
    enrolled = await ways.enrol(person, Authenticator())

    assert len(set(enrolled.codes)) == 10
    assert len({code[:4] for code in enrolled.codes}) == 10
    for code in enrolled.codes:
        assert [len(group) for group in code.split("-")] == [4] * 5
        assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert enrolled.codes[0] not in repr(enrolled)
    left = await ways.codes.left(enrolled.session.admitted.principal)
    assert (left.left, left.made, left.acknowledged) == (10, 10, False)
    assert COST.memory_kib == 19 * 1024
    assert COST.passes == 2


@requirement("serving.enrolment")
async def test_set_up_ends_when_the_codes_are_acknowledged(ways: Ways, person: Person) -> None:
    who = (await ways.enrol(person, Authenticator())).session.admitted.principal

    assert (await ways.codes.acknowledge(who)).acknowledged
    assert (await ways.codes.acknowledge(who)).acknowledged

    assert (await ways.acts(person)).count("recovery-codes-kept") == 1


@requirement("serving.enrolment")
async def test_a_second_passkey_ends_set_up_as_well(ways: Ways, person: Person) -> None:
    first = await ways.enrol(person, Authenticator())
    me = first.session.admitted.principal
    before = await ways.codes.set_up(me)
    await ways.codes.acknowledge(me)
    kept = await ways.codes.set_up(me)
    await ways.codes.generate(Principal.local(person.id))
    anew = await ways.codes.set_up(me)
    await ways.enrol(person, Authenticator())

    assert [before, kept, anew] == [False, True, False]
    assert await ways.codes.set_up(me)


@requirement("serving.recovery-codes")
async def test_a_code_is_redeemed_once_and_alarms_its_person(ways: Ways, person: Person) -> None:
    device = Authenticator()
    enrolled = await ways.enrol(person, device)

    begun = await ways.codes.redeem(enrolled.codes[3], "Strange browser")

    assert begun.admitted.kind is CredentialKind.RECOVERY
    assert begun.admitted.principal.scopes == frozenset()
    assert (await ways.acts(person))[0] == "recovery-code-redeemed"
    assert await redeems(ways, enrolled.codes[3]) == ""
    assert await redeems(ways, enrolled.codes[4]) == person.id
    shown = await ways.sign_in(device)
    assert [each.kind for each in shown.alarms] == ["recovery-code-redeemed"] * 2
    assert (await ways.codes.left(shown.session.admitted.principal)).left == 8


@requirement("serving.recovery-codes")
async def test_of_two_who_redeem_a_code_at_once_one_gets_in(ways: Ways, person: Person) -> None:
    code = (await ways.enrol(person, Authenticator())).codes[0]

    got_in = await asyncio.gather(*(redeems(ways, code) for _ in range(4)))

    assert sorted(got_in) == ["", "", "", person.id]


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str.lower,
    lambda code: code.replace("-", ""),
    lambda code: code.replace("-", " "),
    lambda code: code.replace("-", "\N{EN DASH}"),
    lambda code: f"  {code}\n",
    lambda code: code.replace("0", "O").replace("1", "l"),
    lambda code: code.lower().replace("0", "o").replace("1", "I"),
)


@requirement("serving.recovery-codes")
async def test_a_code_is_read_however_it_was_written_down(ways: Ways, person: Person) -> None:
    codes = (await ways.enrol(person, Authenticator())).codes

    for code, spelled in zip(codes, SPELLINGS, strict=False):
        assert await redeems(ways, spelled(code)) == person.id, spelled(code)


@requirement("serving.recovery-alike")
async def test_what_is_no_code_lets_nobody_in_and_is_told_alike(ways: Ways, person: Person) -> None:
    code, spent, *_ = (await ways.enrol(person, Authenticator())).codes
    await ways.codes.redeem(spent)
    told = set()
    for wrong in (
        "",
        "garbage",
        "0000-0000-0000-0000-0000",
        spent,
        code[:-1],
        code + "0",
        code[:4] + spent[4:],
        spent[:4] + code[4:],
        code[:-1] + ("0" if code[-1] != "0" else "2"),
        "ä" * 20,
        "\ud800" * 20,
        "0" * 100_000,
    ):
        with pytest.raises(RecoveryCodeRefusedError) as refused:
            await ways.codes.redeem(wrong)
        told.add((str(refused.value), refused.value.why, refused.value.hint))
    assert len(told) == 1
    assert await redeems(ways, code) == person.id


@requirement("serving.recovery-alike")
async def test_every_attempt_costs_one_derivation(ways: Ways, person: Person) -> None:
    """So that the time it takes does not tell which codes there are."""
    code, spent, *_ = (await ways.enrol(person, Authenticator())).codes
    counted = Counting(FAST)
    ways.codes = recovery_codes.RecoveryCodes(ways.database, counted, ways.clock)
    await ways.codes.redeem(spent)

    for each in (code[:4] + "0" * 16, "garbage", "", spent, "9999" + "0" * 16):
        counted.derived = 0
        await redeems(ways, each)
        assert counted.derived == 1, each


class Counting(SlowHashes):
    """Counts what it derives."""

    derived = 0

    async def hash(self, text: str, salt: bytes) -> bytes:
        self.derived += 1
        assert (len(text), len(salt)) == (16, 16)
        return await super().hash(text, salt)


async def test_a_code_lets_its_own_person_in(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    mine = (await ways.enrol(person, Authenticator())).codes[0]
    theirs = (await ways.enrol(somebody_else, Authenticator())).codes[0]

    assert await redeems(ways, mine) == person.id
    assert await redeems(ways, theirs) == somebody_else.id


async def test_new_codes_take_the_place_of_the_old_ones(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    enrolled = await ways.enrol(person, Authenticator())
    theirs = (await ways.enrol(somebody_else, Authenticator())).codes
    who = enrolled.session.admitted.principal
    with pytest.raises(NeedsSecretError):
        await ways.codes.generate(who)
    await ways.codes.acknowledge(who)

    fresh = await ways.codes.generate(Principal.local(person.id))

    assert await redeems(ways, enrolled.codes[0]) == ""
    assert await redeems(ways, fresh[0]) == person.id
    assert await redeems(ways, theirs[0]) == somebody_else.id
    left = await ways.codes.left(who)
    assert (left.left, left.acknowledged) == (9, False)


@requirement("serving.recovery-codes")
async def test_whoever_came_in_with_an_old_code_is_out_when_there_are_new_ones(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    codes = (await ways.enrol(person, Authenticator())).codes
    theirs = (await ways.enrol(somebody_else, Authenticator())).codes
    thief, other = await ways.codes.redeem(codes[0]), await ways.codes.redeem(theirs[0])
    options = await ways.passkeys.recovery_options(thief.admitted, PARTY)

    await ways.codes.generate(Principal.local(person.id))

    with pytest.raises(NotSignedInError):
        await ways.sessions.admit(thief.secret)
    answer = Authenticator().create(options, PARTY.origin)
    with pytest.raises(NotSignedInError):  # in a request that was admitted before
        await ways.passkeys.recover(thief.admitted, answer, PARTY)
    assert len(await ways.passkeys.all(Principal.local(person.id))) == 1
    assert await ways.sessions.admit(other.secret) == other.admitted


async def test_removing_a_passkey_ends_what_recovers(ways: Ways, person: Person) -> None:
    enrolled = await ways.enrol(person, Authenticator())
    second = await ways.enrol(person, Authenticator())
    thief = await ways.codes.redeem(second.codes[0])
    me = enrolled.session.admitted.principal

    await ways.passkeys.remove(Principal.local(person.id), me.credential, PARTY)

    with pytest.raises(NotSignedInError):
        await ways.sessions.admit(thief.secret)
    assert await ways.sessions.admit(second.session.secret) == second.session.admitted


@requirement("serving.recovery-codes")
async def test_codes_are_kept_as_hashes_of_their_own_salt(ways: Ways, person: Person) -> None:
    codes = (await ways.enrol(person, Authenticator())).codes
    selectors = [code[:4] for code in codes]

    kept = await ways.database.read(lambda tx: [by_selector(tx, each) for each in selectors])

    assert len({each.salt for each in kept if each}) == 10
    assert len({each.hash for each in kept if each}) == 10


@requirement("serving.recovery-alike")
async def test_few_derivations_run_and_a_few_more_wait() -> None:
    hashes = SlowHashes(FAST, waiting=1)
    allowed = hashes._at_once + 1

    done = await asyncio.gather(
        *(hashes.hash("x", bytes(16)) for _ in range(allowed + 5)), return_exceptions=True
    )

    busy = [each for each in done if isinstance(each, BusyNowError)]
    assert len(busy) == 5
    assert busy[0].headers == {"Retry-After": "2"}
    assert len(await hashes.hash("x", bytes(16))) == 32  # and afterwards there is room again


def test_letters_that_are_read_alike_are_one() -> None:
    assert read_code("oil0-abcd-efgh-jkmn-pqrs") == "0110ABCDEFGHJKMNPQRS"
    assert read_code("uuuu-abcd-efgh-jkmn-pqrs") == "-" * 20
