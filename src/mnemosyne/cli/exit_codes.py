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
            "key-holder",
            "keyring-unavailable",
            "lease-lost",
            "not-canonical-json",
            "not-yet",
            "probe-mismatch",
            "still-unlocked",
            "weights-missing",
            "weights-unsuitable",
        }
    ),
    ExitCode.USAGE: frozenset(
        {
            "ambiguous-reference",
            "card-text",
            "content-size",
            "data-set",
            "date-unclear",
            "did-change",
            "did-unreadable",
            "did-version-unclear",
            "empty-question",
            "importance-range",
            "invalid-did",
            "invalid-did-url",
            "label-length",
            "malformed-cursor",
            "malformed-identifier",
            "name-length",
            "no-terminal",
            "nothing-given",
            "nothing-to-evaluate",
            "origin-unusable",
            "passphrases-differ",
            "phrase-checksum",
            "phrase-file",
            "phrase-unknown-word",
            "phrase-word-count",
            "settings",
            "span-unclear",
            "title-too-long",
            "unknown-format",
            "unknown-zone",
            "unreadable-evidence",
            "validity-order",
        }
    ),
    ExitCode.NOT_FOUND: frozenset(
        {
            "contact-not-found",
            "did-missing",
            "did-not-resolved",
            "did-unknown",
            "did-version",
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
            "contact-did",
            "did-beside",
            "did-clock",
            "did-deactivated",
            "did-ended",
            "did-equivocation",
            "did-exists",
            "did-foreign",
            "did-keys-missing",
            "did-newer-known",
            "did-older",
            "did-recovery-unconfirmed",
            "did-unconfirmed",
            "did-unsupported",
            "duplicate-text",
            "forget-limit",
            "idempotency-conflict",
            "key-file-exists",
            "key-file-place",
            "key-missing",
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
            "own-card",
            "phrase-needed",
            "person-erased",
            "port-unusable",
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
            "bad-card",
            "bad-proof",
            "bad-public-key",
            "bad-signature",
            "damaged-archive",
            "database-damaged",
            "did-copy-damaged",
            "did-log",
            "graph-changed",
            "key-file-damaged",
            "ledger-refused",
            "malformed-receipt",
            "malformed-note",
            "receipt-payload",
            "receipt-not-in-tree",
            "record-gone",
            "record-damaged",
            "sealed-file-damaged",
            "slots-altered",
            "slots-damaged",
            "strict-json",
            "unknown-signer",
            "vault-incomplete",
            "vault-unfinished",
            "weights-altered",
        }
    ),
    ExitCode.LOCKED: frozenset({"did-phrase", "needs-secret", "wrong-key"}),
    ExitCode.STORAGE: frozenset(
        {
            "archive-not-written",
            "backup-not-written",
            "commit-unknown",
            "did-copy",
            "key-file-not-written",
            "migration-unknown",
            "output-file",
            "output-stream",
            "read-failed",
            "rekey-not-written",
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
