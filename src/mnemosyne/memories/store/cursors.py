"""Cursors as they are handed out: sealed, for the number in them is counted over the whole node.

Memories of everybody take their numbers from one sequence, so a bare one would tell each person
how much others store. The key comes from the person's salt, which never leaves the node but in
their own archive: a cursor is good for whoever it was made for, on every start of the node.
"""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.kit.crypto.derivation import derive
from mnemosyne.kit.ids import Identifier
from mnemosyne.memories.errors import MalformedCursorError

_LABEL: Final = "mnemosyne/page-cursor/1"
_LONGEST: Final = 65_536  # far more than any list of hits needs


def sealed(tx: Connection, owner: Identifier, cursor: bytes, of: str = "") -> str:
    """Return a cursor of ``owner`` as a text that says nothing; the same cursor, the same text.

    ``of`` says what the list is of: it opens as a cursor of no other.
    """
    data = _cipher(tx, owner).encrypt(cursor, [owner.encode(), of.encode()])
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def opened(tx: Connection, owner: Identifier, text: str, of: str = "") -> bytes:
    """Return what was sealed for ``owner`` and the list that ``of`` says.

    Raises:
        MalformedCursorError: it is no cursor of theirs and of that list, or they are gone.
    """
    if len(text) > _LONGEST or accounts.get(tx, owner) is None:
        raise MalformedCursorError
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, b"-_", validate=True)
        return _cipher(tx, owner).decrypt(data, [owner.encode(), of.encode()])
    except (ValueError, binascii.Error, InvalidTag) as error:
        raise MalformedCursorError from error


def _cipher(tx: Connection, owner: Identifier) -> AESSIV:
    return AESSIV(derive(accounts.salt(tx, owner), _LABEL))
