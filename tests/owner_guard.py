"""Find statements on a person's table that do not say whose rows they mean.

Each statement that the package executes passes here while tests run. Every table in it that has an
``owner`` column must have that column in a condition, and the statement must compare an owner with
a value. What the tests themselves execute to look at rows is not examined.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import Alias, Column, Connection, Delete, Engine, Join, Select, Table, Update, event
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, ClauseElement, TextClause
from sqlalchemy.sql.visitors import ExternallyTraversible

if TYPE_CHECKING:
    from types import FrameType

OWNER: Final = "owner"
PACKAGE: Final = "mnemosyne"

# Whole parts of the package that speak of a vault and never of a person.
WHOLE_VAULT: Final = {
    "mnemosyne.migrations": "moves tables, not the rows of somebody",
    "mnemosyne.safekeeping": "a backup, its verification and a restore hold the vault as it is",
}
# Single functions, each with the reason why it may speak of everybody's rows.
EVERYBODY: Final = {
    "mnemosyne.accounts.access_tokens.by_digest": "the secret says whose it is",
    "mnemosyne.accounts.enrolments.find": "the secret says whose it is",
    "mnemosyne.accounts.store_sessions.find": "the secret says whose it is",
    "mnemosyne.accounts.store_passkeys.by_credential": "an authenticator says whose it is",
    "mnemosyne.accounts.store_passkeys.hosts": "the host names of the node",
    "mnemosyne.accounts.store_recovery_codes.taken": "no two people have one selector",
    "mnemosyne.accounts.store_recovery_codes.by_selector": "the code says whose it is",
    "mnemosyne.events.outbox.due": "the one leader works for everybody",
    "mnemosyne.events.outbox.topics_due": "asks whether there is work, for everybody as well",
    "mnemosyne.events.outbox.finish": "by the numbers of events that were read before",
    "mnemosyne.events.outbox.postpone": "by the numbers of events that were read before",
    "mnemosyne.events.outbox.backlog": "counts the work of the node",
    "mnemosyne.events.change_log.head": "the position of the log is that of the vault",
    "mnemosyne.events.change_log.since": "how far back the log reaches, before the owner's part",
    "mnemosyne.events.change_log.prune": "the log is shortened as a whole",
    "mnemosyne.memories.store.embeddings.serve": "one embedder answers for the whole vault",
}


_EXAMINED: Final[dict[object, str | None]] = {}


class OwnerMissingError(AssertionError):
    """A statement on a person's table lacks the owner."""


@contextmanager
def guarded_statements() -> Iterator[None]:
    """Examine every statement of the package inside the block.

    Raises:
        OwnerMissingError: at the statement that lacks the owner.
    """
    event.listen(Engine, "before_execute", _examine)
    try:
        yield
    finally:
        event.remove(Engine, "before_execute", _examine)


def _examine(_connection: Connection, statement: object, *_parameters: object) -> None:
    if not isinstance(statement, ClauseElement):
        return
    problem = _problem_of(statement)
    if problem is None:
        return
    where = _executing_function()
    if where is None or where in EVERYBODY or where.startswith(tuple(WHOLE_VAULT)):
        return
    raise OwnerMissingError(f"{where}: {problem}\n{statement}")


def _problem_of(statement: ClauseElement) -> str | None:
    """Say what ``statement`` lacks, looking once at all that are the same but for their values."""
    key = statement._generate_cache_key()  # what SQLAlchemy keeps it compiled under
    if key is None:
        return owner_problem(statement)
    if key.key not in _EXAMINED:
        _EXAMINED[key.key] = owner_problem(statement)
    return _EXAMINED[key.key]


def owner_problem(statement: ClauseElement) -> str | None:
    """Say what ``statement`` lacks, or nothing where it names the owner as it should."""
    if isinstance(statement, TextClause):
        return _problem_in_text(statement.text)
    if not isinstance(statement, (Select, Update, Delete)):
        return None  # an INSERT without an owner is refused by the column itself
    conditions = list(_conditions(statement))
    named = {table for condition in conditions for table in _owned_in(condition)}
    tables = {table for table in _tables(statement) if OWNER in table.c}
    if missing := tables - named:
        return f"no owner for {', '.join(sorted(table.name for table in missing))}"
    if tables and not any(map(_compares_with_a_value, conditions)):
        return "the owner is compared with no value"
    return None


def _problem_in_text(text: str) -> str | None:
    words = text.replace("(", " ").replace(".", " ").replace(",", " ").split()
    lowered = [word.lower() for word in words]
    if OWNER in lowered or not lowered or lowered[0] not in {"select", "update", "delete"}:
        return None
    return "a statement as text does not name the owner"


def _elements(statement: ClauseElement) -> Iterator[ExternallyTraversible]:
    for element in visitors.iterate(statement):
        yield element
        if isinstance(element, Select):  # joins made by its method show here alone
            for source in element.get_final_froms():
                yield from visitors.iterate(source)


def _conditions(statement: ClauseElement) -> Iterator[ClauseElement]:
    for element in _elements(statement):
        if isinstance(element, (Select, Update, Delete)) and element.whereclause is not None:
            yield element.whereclause
        elif isinstance(element, Join) and element.onclause is not None:
            yield element.onclause


def _tables(statement: ClauseElement) -> Iterator[Table]:
    for element in _elements(statement):
        table = element.table if isinstance(element, (Column, Update, Delete)) else element
        if isinstance(table, Table):
            yield table


def _owned_in(condition: ClauseElement) -> Iterator[Table]:
    for element in visitors.iterate(condition):
        if isinstance(element, Column) and element.name == OWNER:
            table = element.table.element if isinstance(element.table, Alias) else element.table
            if isinstance(table, Table):
                yield table


def _compares_with_a_value(condition: ClauseElement) -> bool:
    return any(
        isinstance(element, BinaryExpression)
        and getattr(element.left, "name", None) == OWNER
        and isinstance(element.right, BindParameter)
        for element in visitors.iterate(condition)
    )


def _executing_function() -> str | None:
    """Return the function of the package that executes, or None where a test does."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(f"{PACKAGE}."):
            # A closure or a comprehension belongs to the function around it.
            return f"{module}.{frame.f_code.co_qualname.split('.<locals>')[0]}"
        if module.startswith("tests.") and module != __name__:
            return None
        frame = frame.f_back
    return None
