"""Every statement on a person's table names the owner, and one that does not is found."""

import types

import pytest
from sqlalchemy import Connection, Executable, Select, delete, select, text, update

from mnemosyne.accounts.model import Person
from mnemosyne.contacts.store import contact, contact_alias
from mnemosyne.events.change_log import change_log
from tests.owner_guard import EVERYBODY, OwnerMissingError, owner_problem
from tests.requirements import requirement

ADA = "0" * 32


@pytest.mark.parametrize(
    "statement",
    [
        select(contact),
        select(contact.c.name).where(contact.c.folded == "ada"),
        update(contact).values(name="x"),
        delete(contact_alias).where(contact_alias.c.alias == "Ada"),
        # One of two tables is bound to a person, the other is not.
        select(contact, contact_alias).where(
            contact.c.owner == ADA, contact_alias.c.alias == contact.c.name
        ),
        # Two owners are alike, but whose they are is not said.
        select(contact, contact_alias).where(contact.c.owner == contact_alias.c.owner),
        select(contact.c.id).where(
            contact.c.owner == ADA, contact.c.id.in_(select(contact_alias.c.contact_id))
        ),
        text("SELECT name FROM contact WHERE folded = 'ada'"),
    ],
)
def test_a_statement_without_the_owner_is_found(statement: Select[tuple[str]]) -> None:
    assert owner_problem(statement) is not None


@pytest.mark.parametrize(
    "statement",
    [
        select(contact).where(contact.c.owner == ADA),
        update(contact).where(contact.c.owner == ADA, contact.c.name == "x").values(name="y"),
        delete(contact_alias).where(contact_alias.c.owner == ADA),
        select(contact.c.name, contact_alias.c.alias)
        .join(contact_alias, contact_alias.c.owner == contact.c.owner)
        .where(contact.c.owner == ADA),
        select(contact.alias("other")).where(contact.alias("other").c.owner == ADA),
        text("SELECT name FROM contact WHERE owner = :owner"),
        text("PRAGMA data_version"),
    ],
)
def test_a_statement_with_the_owner_passes(statement: Select[tuple[str]]) -> None:
    assert owner_problem(statement) is None


def _run_as(module: str, tx: Connection, statement: Executable) -> None:
    """Execute ``statement`` in a function that says it belongs to ``module``."""
    place = types.ModuleType(module)
    code = compile("def everything(tx, statement):\n    tx.execute(statement)\n", module, "exec")
    exec(code, place.__dict__)  # noqa: S102 - a module of the package, made up for this test
    place.everything(tx, statement)


@requirement("schema.owner-guard")
def test_a_function_of_the_package_that_forgets_the_owner_is_stopped(
    tx: Connection, person: Person
) -> None:
    with pytest.raises(OwnerMissingError, match=r"mnemosyne\.contacts\.planted\.everything"):
        _run_as("mnemosyne.contacts.planted", tx, select(contact))

    _run_as("mnemosyne.contacts.planted", tx, select(contact).where(contact.c.owner == person.id))


def test_what_works_for_a_whole_vault_may_see_every_row(tx: Connection) -> None:
    _run_as("mnemosyne.safekeeping.planted", tx, select(contact))


def test_each_exception_still_exists() -> None:
    for name in EVERYBODY:
        module, _, function = name.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[function]), function)), name
    assert "owner" in change_log.c
