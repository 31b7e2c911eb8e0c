"""Who read what: one entry for each answer, which names memories by pseudonyms only."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from mnemosyne.audit import store, trees
from mnemosyne.audit.giving_up import give_up
from mnemosyne.audit.model import RecordGoneError
from mnemosyne.audit.reads import KEPT, MOST_NAMED, Reads
from mnemosyne.kit.database import Database, StorageFullError
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal
from tests.audit.records import Record
from tests.clock import START, SetClock
from tests.requirements import requirement

IDS = [new_id(START) for _ in range(4)]


@pytest.fixture
def reads(record: Record, clock: SetClock) -> Reads:
    return Reads(record.database, clock)


@pytest.fixture
def web(record: Record) -> Principal:
    return Principal(record.owner, record.principal.scopes, "token-7", "http")


async def rows(database: Database) -> int:
    query = text("SELECT count(*) FROM audit_entry WHERE type = 'read'")
    return await database.read(lambda tx: int(tx.execute(query).scalar_one()))


@requirement("audit.reads")
async def test_another_channel_is_recorded_before_its_answer(
    record: Record, reads: Reads, web: Principal
) -> None:
    await reads.record(web, "search", IDS[:3])

    assert await rows(record.database) == 1
    (found,) = await reads.of(record.principal)
    assert (found.how, found.count, found.channel) == ("search", 3, "http")
    assert found.credential not in {"token-7", "local"}
    assert (await record.report()).whole


@requirement("audit.reads")
async def test_without_a_record_there_is_no_answer(
    record: Record, reads: Reads, web: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> int:
        raise StorageFullError

    monkeypatch.setattr(store, "append", full)

    with pytest.raises(StorageFullError):
        await reads.record(web, "search", IDS)
    await reads.record(record.principal, "search", IDS)
    await reads.settle()  # at the shell a full disk costs the entry alone


@requirement("audit.reads")
async def test_the_shell_is_recorded_before_the_command_ends(record: Record, reads: Reads) -> None:
    await reads.record(record.principal, "search", IDS[:2])
    await reads.record(record.principal, "show", IDS[:1])
    await reads.record(record.principal, "show", IDS[:1])  # the same again within one command
    await reads.record(record.principal, "list", [])
    assert await rows(record.database) == 0

    await reads.settle()

    assert await rows(record.database) == 2
    assert [each.how for each in await reads.of(record.principal)] == ["show", "search"]


@requirement("audit.reads")
async def test_who_read_a_memory_is_told(record: Record, reads: Reads, web: Principal) -> None:
    await reads.record(web, "search", IDS[:2])
    await reads.record(web, "show", IDS[1:2])
    await reads.record(web, "show", IDS[2:3])

    assert [each.how for each in await reads.of(record.principal, IDS[1])] == ["show", "search"]
    assert [each.how for each in await reads.of(record.principal, IDS[0])] == ["search"]
    assert await reads.of(record.principal, IDS[3]) == []
    assert await reads.of(record.stranger) == []
    with pytest.raises(MissingScopeError):
        await reads.of(Principal(record.owner, frozenset(), "token-1", "http"))


@requirement("audit.pseudonyms")
async def test_no_identifier_of_a_memory_or_credential_stands_in_the_record(
    record: Record, reads: Reads, web: Principal
) -> None:
    await reads.record(web, "search", IDS)
    await reads.record(record.principal, "show", IDS[:1])
    await reads.settle()

    def everything(tx: Connection) -> str:
        tables = ("audit_entry", "audit_payload", "audit_tree")
        return repr([tx.execute(text(f"SELECT * FROM {each}")).all() for each in tables])  # noqa: S608

    stored = await record.database.read(everything)
    assert "read" in stored
    assert not any(each in stored for each in [*IDS, "token-7"])


@requirement("audit.reads")
async def test_details_of_old_reads_go_and_their_entries_stay(
    record: Record, reads: Reads, web: Principal, clock: SetClock
) -> None:
    clock.now = START
    for _ in range(3):
        await reads.record(web, "search", IDS)
    clock.advance(KEPT + timedelta(days=1))
    for _ in range(16):  # one of them looks for what is due
        await reads.record(web, "show", IDS[:1])

    assert {each.how for each in await reads.of(record.principal)} == {"show"}
    assert await rows(record.database) == 19
    report = await record.report()
    assert (report.whole, report.without_details) == (True, 3)


@requirement("audit.reads", "erase.person")
async def test_who_was_erased_while_somebody_read_does_not_come_back_by_an_entry(
    record: Record, reads: Reads, web: Principal
) -> None:
    await reads.record(record.principal, "show", IDS[:1])
    await record.database.write(lambda tx: give_up(tx, record.owner))

    with pytest.raises(RecordGoneError) as refused:
        await reads.record(web, "search", IDS)
    await reads.settle()

    assert refused.value.code == "record-gone"
    assert refused.value.why
    assert refused.value.hint
    assert await record.database.read(lambda tx: trees.find(tx, record.owner)) is None


async def test_more_memories_than_one_entry_names_are_counted(
    record: Record, reads: Reads, web: Principal
) -> None:
    many = [f"{number:032x}" for number in range(MOST_NAMED + 5)]

    await reads.record(web, "list", [*many, many[0]])

    (found,) = await reads.of(record.principal)
    assert (found.count, len(found.memories)) == (MOST_NAMED + 5, MOST_NAMED)


async def test_a_process_that_reads_much_does_not_gather_it_all(
    record: Record, reads: Reads
) -> None:
    for number in range(25):
        await reads.record(record.principal, "show", [f"{number:032x}"])

    assert await rows(record.database) == 20
