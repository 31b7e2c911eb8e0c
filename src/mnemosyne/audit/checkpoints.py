"""Checkpoints: the head of a record, signed by the node, to be kept outside of the vault.

A checkpoint is a signed note (c2sp.org/tlog-checkpoint). Its file may carry the leaf hashes too:
with them even a record that was rewritten as a whole names the first entry that differs. The note
says no time, so that the same record always gives the same note.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from mnemosyne.audit import trees
from mnemosyne.kit.crypto.merkle import EMPTY_ROOT, HASH_SIZE
from mnemosyne.kit.crypto.signed_note import Checkpoint, sign_note
from mnemosyne.kit.crypto.signing import Signer
from mnemosyne.kit.ids import Identifier

FORMAT: Final = "mnemosyne-checkpoint/1"
_ORIGIN: Final = re.compile(r"mnemosyne/([0-9a-f]{32})/([0-9a-f]{32})")


def origin_of(vault_id: Identifier, pseudonym: str) -> str:
    """Return the first line of a checkpoint, which is also the name of the key that signs it."""
    return f"mnemosyne/{vault_id}/{pseudonym}"


def named_in(origin: str) -> tuple[Identifier, str] | None:
    """Return the vault and the pseudonym of the person in ``origin``; None where it is not ours."""
    found = _ORIGIN.fullmatch(origin)
    return None if found is None else (found[1], found[2])


def head_of(tx: Connection, owner: Identifier, vault_id: Identifier) -> Checkpoint | None:
    """Return the head of a record, or None before its first entry."""
    tree = trees.find(tx, owner)
    if tree is None:
        return None
    frontier = tree.frontier
    root = frontier.root() if frontier.size else EMPTY_ROOT
    return Checkpoint(origin_of(vault_id, tree.pseudonym), frontier.size, root)


def signed(head: Checkpoint, signer: Signer) -> str:
    """Return a head as a note that ``signer`` signed."""
    return sign_note(head.text(), head.origin, signer)


def document(note: str, leaves: Sequence[bytes]) -> dict[str, object]:
    """Return the file of a checkpoint with its leaf hashes."""
    joined = base64.b64encode(b"".join(leaves)).decode("ascii")
    return {"format": FORMAT, "note": note, "leaves": joined}


def parts_of(document: Mapping[str, Any]) -> tuple[str, tuple[bytes, ...]]:
    """Return the note and the leaf hashes of a checkpoint's file.

    Raises:
        ValueError, TypeError: it is none.
    """
    note, joined = document.get("note"), document.get("leaves")
    if not isinstance(note, str) or not isinstance(joined, str):
        raise TypeError("a checkpoint has a note and leaves")
    try:
        data = base64.b64decode(joined, validate=True)
    except binascii.Error as error:
        raise ValueError("the leaves are not base64") from error
    if len(data) % HASH_SIZE:
        raise ValueError("the leaves are not whole")
    starts = range(0, len(data), HASH_SIZE)
    return note, tuple(data[start : start + HASH_SIZE] for start in starts)
