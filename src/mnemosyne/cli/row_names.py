"""What is kept of a person, in words: how the shell names the tables of which rows would go."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "memory": "memories",
    "memory_version": "earlier wordings",
    "memory_validity": "when memories held",
    "memory_tag": "tags of memories",
    "memory_domain": "domains of memories",
    "memory_mention": "mentions of people",
    "memory_date": "dates found in texts",
    "memory_link": "links between memories",
    "domain_example": "examples for domains",
    "embedding": "vectors of meaning",
    "thread": "conversations",
    "import_record": "imported entries",
    "import_checkpoint": "imports that were begun",
    "idempotency": "repeatable requests",
    "erasure": "erases",
    "contact": "people on the list",
    "contact_alias": "names of people",
    "outbox": "work that waits",
    "change_log": "noted changes",
    "access_token": "tokens of scripts",
    "enrolment": "invitations and links",
    "restriction": "restriction of processing",
    "alarm": "alarms",
    "session": "sessions",
    "passkey": "passkeys",
    "recovery_code": "recovery codes",
    "webauthn_user": "handles for passkeys",
    "person": "the person",
    "did": "DID",
    "did_entry": "entries of DID logs",
    "private_key": "private keys",
    "audit_entry": "entries of the record",
    "audit_payload": "payloads of the record",
    "audit_tree": "trees of the record",
}


def named(table: str) -> str:
    """Return what the rows of a table are to a person."""
    return NAMES.get(table, table.replace("_", " "))
