"""By what people are let in, over a restore: what was ended since must not let anybody in again.

A backup holds passkeys, codes and tokens as they were. Where the vault that it replaces can be
read, they stay as they are there, and so does who restricted processing. Elsewhere nobody can say
what was revoked since: passkeys and codes are those of the backup, and tokens are gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, inspect, select

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.access_tokens import access_token
from mnemosyne.accounts.alarms import alarm
from mnemosyne.accounts.enrolments import enrolment
from mnemosyne.accounts.restriction import restriction
from mnemosyne.accounts.store_passkeys import passkey, webauthn_user
from mnemosyne.accounts.store_recovery_codes import recovery_code
from mnemosyne.accounts.store_sessions import session

_ENDED: Final[Sequence[Table]] = (session, enrolment)
_STANDING: Final[Sequence[Table]] = (
    access_token,
    alarm,
    passkey,
    recovery_code,
    restriction,
    webauthn_user,
)


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The rows of a vault by which its people are let in or held back, by table."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]]


def ways_in(tx: Connection) -> WaysIn | None:
    """Return what stands in a vault, or None where an earlier version wrote it."""
    if not inspect(tx).has_table(passkey.name):
        return None
    found = {table.name: tx.execute(select(table)).mappings().all() for table in _STANDING}
    return WaysIn({name: [dict(row) for row in rows] for name, rows in found.items()})


def settle(tx: Connection, here: WaysIn | None) -> None:
    """Let the ways in of a vault that was unpacked be those ``here``, the vault it replaces."""
    for table in _ENDED:
        tx.execute(delete(table))
    if here is None:
        tx.execute(delete(access_token))
        return
    people = set(accounts.everybody(tx))
    for table in _STANDING:
        tx.execute(delete(table))
        if rows := [dict(row) for row in here.rows[table.name] if row["owner"] in people]:
            tx.execute(insert(table), rows)
