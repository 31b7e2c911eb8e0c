"""What accounts keep of a person, and with what they are let in.

The row of a person is shown in an archive; a vault that takes it over takes its salt alone. Ways
in belong to this node: they are in no archive.
"""

from typing import Final

from mnemosyne.accounts.access_tokens import access_token
from mnemosyne.accounts.alarms import alarm
from mnemosyne.accounts.enrolments import enrolment
from mnemosyne.accounts.restriction import restriction
from mnemosyne.accounts.store import person
from mnemosyne.accounts.store_passkeys import passkey, webauthn_user
from mnemosyne.accounts.store_recovery_codes import recovery_code
from mnemosyne.accounts.store_sessions import session
from mnemosyne.kit.derived_data import Kept, OwnedTable, Provider

ACCOUNTS: Final = Provider(
    tables=(
        OwnedTable(access_token, ("id",), kept=Kept.REBUILT),
        OwnedTable(enrolment, ("id",), kept=Kept.REBUILT),
        OwnedTable(restriction, ("owner",), kept=Kept.REBUILT),
        OwnedTable(alarm, ("id",), kept=Kept.REBUILT),
        OwnedTable(session, ("id",), kept=Kept.REBUILT),
        OwnedTable(passkey, ("id",), kept=Kept.REBUILT),
        OwnedTable(recovery_code, ("id",), kept=Kept.REBUILT),
        OwnedTable(webauthn_user, ("owner",), kept=Kept.REBUILT),
        OwnedTable(person, ("id",), kept=Kept.SHOWN, owner_column="id"),
    )
)
