"""Which status each of our own errors is answered with; a code that is not listed is a fault."""

from collections.abc import Mapping
from typing import Final

CODES: Final[Mapping[int, frozenset[str]]] = {
    400: frozenset(
        {
            "bad-request",
            "body-cut-off",
            "log-entries-refused",
            "malformed-cursor",
            "malformed-json",
        }
    ),
    401: frozenset(
        {
            "not-signed-in",
            "passkey-refused",
            "recovery-code-refused",
        }
    ),
    403: frozenset(
        {
            "cross-site",
            "did-phrase",
            "enrolment-invalid",
            "missing-scope",
            "needs-secret",
            "not-recovering",
            "passkey-unusable",
            "past-the-proxy",
            "session-needed",
            "step-up-refused",
            "step-up-required",
        }
    ),
    404: frozenset(
        {
            "alarm-not-found",
            "backup-not-found",
            "contact-not-found",
            "did-missing",
            "did-not-resolved",
            "did-unknown",
            "did-version",
            "entry-not-found",
            "erasure-not-found",
            "invitation-not-found",
            "job-not-found",
            "memory-not-found",
            "no-such-page",
            "passkey-not-found",
            "person-not-found",
            "session-not-found",
            "slot-missing",
            "token-not-found",
            "wording-not-found",
        }
    ),
    405: frozenset(
        {
            "method-not-allowed",
        }
    ),
    408: frozenset(
        {
            "body-stalled",
        }
    ),
    409: frozenset(
        {
            "already-superseded",
            "bin-changed",
            "contact-did",
            "did-beside",
            "did-clock",
            "did-copy-damaged",
            "did-deactivated",
            "did-ended",
            "did-equivocation",
            "did-exists",
            "did-foreign",
            "did-keys-missing",
            "did-newer-known",
            "did-older",
            "did-phrase-needed",
            "did-recovery-unconfirmed",
            "did-taken",
            "did-unconfirmed",
            "duplicate-text",
            "idempotency-conflict",
            "key-file-place",
            "last-passkey",
            "last-slot",
            "name-taken",
            "no-portable-slot",
            "not-in-bin",
            "not-superseded",
            "others-stay",
            "own-card",
            "passkey-known",
            "person-name-taken",
            "processing-restricted",
            "receipt-payload",
            "record-damaged",
            "record-gone",
            "validity-order",
            "vault-not-empty",
            "vault-phrase",
        }
    ),
    410: frozenset(
        {
            "memory-gone",
        }
    ),
    412: frozenset(
        {
            "precondition-failed",
        }
    ),
    413: frozenset(
        {
            "body-too-large",
            "content-size",
            "source-too-large",
        }
    ),
    414: frozenset(
        {
            "address-too-long",
        }
    ),
    415: frozenset(
        {
            "unsupported-media-type",
        }
    ),
    421: frozenset(
        {
            "misdirected-request",
        }
    ),
    422: frozenset(
        {
            "ambiguous-reference",
            "archive-content",
            "archive-damaged",
            "archive-sealed",
            "archive-work",
            "backup-damaged",
            "backup-destination",
            "backup-differs",
            "backup-exchanged",
            "bad-card",
            "card-text",
            "damaged-archive",
            "did-change",
            "did-log",
            "did-unreadable",
            "did-unsupported",
            "did-version-unclear",
            "empty-question",
            "importance-range",
            "invalid-did",
            "invalid-request",
            "label-length",
            "malformed-identifier",
            "malformed-receipt",
            "name-length",
            "person-name",
            "phrase-checksum",
            "phrase-unknown-word",
            "phrase-word-count",
            "sealed-file-damaged",
            "source-unreadable",
            "title-too-long",
            "token-expiry",
            "token-name",
            "token-scopes",
            "unknown-format",
            "unknown-zone",
            "unreadable-evidence",
            "unsafe-archive",
            "weak-passphrase",
        }
    ),
    428: frozenset(
        {
            "precondition-required",
        }
    ),
    429: frozenset(
        {
            "forget-limit",
            "too-many-jobs",
            "too-many-requests",
            "too-many-streams",
        }
    ),
    503: frozenset(
        {
            "busy-now",
            "commit-unknown",
            "database-busy",
            "graph-cache",
            "nobody-here",
            "read-too-long",
            "vault-busy",
            "weights-altered",
            "weights-unsuitable",
            "writer-stopped",
        }
    ),
    507: frozenset(
        {
            "archive-not-written",
            "backup-not-written",
            "did-copy",
            "slots-not-written",
            "spool-full",
            "storage-full",
        }
    ),
}
STATUSES: Final[Mapping[str, int]] = {
    code: status for status, codes in CODES.items() for code in codes
}
FAULT: Final = 500


def status_of(code: str) -> int:
    """Return the status of an error of this ``code``."""
    return STATUSES.get(code, FAULT)
