"""What a command ends with: one number for each kind of error, documented in docs/cli.md."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """The numbers a script can rely on. Zero is success."""

    OTHER = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    BUSY = 5
    DAMAGED = 6
    LOCKED = 7
    STORAGE = 8
    INTERRUPTED = 130
    """Control-C, as every shell counts it: 128 and the number of the signal."""
    BROKEN_PIPE = 141
    """Nobody reads the output any more."""


CODES: Final[Mapping[ExitCode, frozenset[str]]] = {
    ExitCode.OTHER: frozenset(
        {
            "editor",
            "embedder-install-failed",
            "graph-cache",
            "lease-lost",
            "not-canonical-json",
            "not-yet",
            "probe-mismatch",
            "weights-missing",
            "weights-unsuitable",
        }
    ),
    ExitCode.USAGE: frozenset(
        {
            "ambiguous-reference",
            "content-size",
            "data-set",
            "date-unclear",
            "empty-question",
            "importance-range",
            "label-length",
            "malformed-cursor",
            "malformed-identifier",
            "name-length",
            "no-terminal",
            "nothing-given",
            "nothing-to-evaluate",
            "passphrases-differ",
            "phrase-checksum",
            "phrase-file",
            "phrase-unknown-word",
            "phrase-word-count",
            "settings",
            "title-too-long",
            "unknown-format",
            "unknown-zone",
            "validity-order",
        }
    ),
    ExitCode.NOT_FOUND: frozenset(
        {
            "contact-not-found",
            "entry-not-found",
            "input-file",
            "key-file-unreadable",
            "memory-gone",
            "memory-not-found",
            "slot-missing",
            "source-missing",
            "source-unreadable",
            "vault-missing",
        }
    ),
    ExitCode.REFUSED: frozenset(
        {
            "already-superseded",
            "archive-sealed",
            "backup-destination",
            "duplicate-text",
            "forget-limit",
            "idempotency-conflict",
            "key-file-exists",
            "key-file-place",
            "last-slot",
            "ledger-missing",
            "missing-scope",
            "name-taken",
            "newer-vault",
            "no-portable-slot",
            "not-confirmed",
            "not-in-bin",
            "not-superseded",
            "older-backup",
            "older-vault",
            "other-vault",
            "slot-taken",
            "source-too-large",
            "unsafe-archive",
            "vault-exists",
            "vault-home-shared",
            "vault-not-empty",
            "weak-passphrase",
        }
    ),
    ExitCode.BUSY: frozenset({"database-busy", "read-too-long", "vault-busy"}),
    ExitCode.DAMAGED: frozenset(
        {
            "archive-content",
            "archive-damaged",
            "backup-damaged",
            "backup-differs",
            "backup-exchanged",
            "backup-not-proven",
            "bad-public-key",
            "bad-signature",
            "damaged-archive",
            "database-damaged",
            "graph-changed",
            "key-file-damaged",
            "ledger-refused",
            "malformed-receipt",
            "receipt-payload",
            "sealed-file-damaged",
            "slots-altered",
            "slots-damaged",
            "vault-incomplete",
            "vault-unfinished",
            "weights-altered",
        }
    ),
    ExitCode.LOCKED: frozenset({"wrong-key"}),
    ExitCode.STORAGE: frozenset(
        {
            "archive-not-written",
            "backup-not-written",
            "commit-unknown",
            "key-file-not-written",
            "output-file",
            "read-failed",
            "restore-not-written",
            "restore-unfinished",
            "slots-not-written",
            "storage-full",
            "vault-lock",
            "writer-stopped",
        }
    ),
}


def exit_code_of(code: str) -> ExitCode:
    """Return what a command ends with after an error of this ``code``."""
    return next((number for number, codes in CODES.items() if code in codes), ExitCode.OTHER)
