"""Why a DID, a DID URL or a log is refused. The codes are those of the method specification."""

from enum import StrEnum
from typing import Final

from mnemosyne.kit.errors import MnemosyneError


class LogCode(StrEnum):
    """Every reason for which a log is refused; ``docs/did-mnem.md`` lists them with their order."""

    UNKNOWN_MEMBER = "UNKNOWN_MEMBER"
    METHOD_VERSION = "METHOD_VERSION"
    ENTRY_TOO_LARGE = "ENTRY_TOO_LARGE"
    LOG_TOO_LONG = "LOG_TOO_LONG"
    BAD_HASH = "BAD_HASH"
    SCID = "SCID"
    GENESIS = "GENESIS"
    GENESIS_KEYS = "GENESIS_KEYS"
    NO_PARENT = "NO_PARENT"
    ORDER = "ORDER"
    FUTURE = "FUTURE"
    PROOF_COUNT = "PROOF_COUNT"
    BAD_PROOF = "BAD_PROOF"
    PRE_ROTATION = "PRE_ROTATION"
    NEXT_KEYS = "NEXT_KEYS"
    RECOVERY_KEY = "RECOVERY_KEY"
    RECOVERY_TIER = "RECOVERY_TIER"
    FIXED_PARAM = "FIXED_PARAM"
    DEACTIVATED = "DEACTIVATED"
    INVALID_STATE = "INVALID_STATE"
    WITNESS = "WITNESS"


_ANOTHER_SOURCE: Final = (
    "Get the log again from another source: a card of this person, another node, a mirror."
)
_HINTS: Final = {
    LogCode.METHOD_VERSION: "Update Mnemosyne: this log was written by another version of the "
    "method.",
    LogCode.FUTURE: "Check the date and time of this machine; otherwise wait, or ask its author.",
    LogCode.LOG_TOO_LONG: "Its author goes on with a recovery from an earlier entry.",
    LogCode.WITNESS: "Get the receipts of its witnesses too, from where the log came from.",
}


class LogError(MnemosyneError):
    """A log, or an entry of it, does not hold."""

    code = "did-log"

    def __init__(self, log_code: LogCode, detail: str, *, entry: int | None = None) -> None:
        where = "the log of this DID" if entry is None else f"entry {entry} of this log"
        super().__init__(
            f"{where} does not hold: {log_code}",
            why=f"{detail}.",
            hint=_HINTS.get(log_code, _ANOTHER_SOURCE),
        )
        self.log_code = log_code
        self.entry = entry
        """Which line of the log it is, counted from 1, where there is one."""
        self.detail = detail

    def at(self, entry: int) -> "LogError":
        """Return the same, said of line ``entry``."""
        return LogError(self.log_code, self.detail, entry=entry)


class InvalidDidError(MnemosyneError):
    """A text is not a did:mnem in its one spelling."""

    code = "invalid-did"

    def __init__(self, text: str, detail: str) -> None:
        super().__init__(
            f"“{text[:80]}” is not a did:mnem",
            why=f"{detail}.",
            hint="Copy it again, whole: did:mnem:bciq… has 65 characters, all in lower case.",
        )
        self.text = text
        self.detail = detail


class InvalidDidUrlError(MnemosyneError):
    """A text is not a DID URL."""

    code = "invalid-did-url"

    def __init__(self, text: str, detail: str) -> None:
        super().__init__(
            f"“{text[:80]}” is not a DID URL",
            why=f"{detail}.",
            hint="A DID URL is a DID, then /path, ?query or #fragment: did:mnem:bciq…#sig-1.",
        )
        self.text = text
        self.detail = detail


class EquivocationError(MnemosyneError):
    """Somebody who held a key of a DID continued its log in two ways."""

    code = "did-equivocation"

    def __init__(self, did: str, kept: str, rival: str) -> None:
        super().__init__(
            f"{did} has two rival logs; nothing new is entrusted to it",
            why=f"Entry {kept[:16]}… was seen first and is kept, but {rival[:16]}… claims the same "
            "rank: a key was stolen, or two machines wrote at once.",
            hint="Ask this person over another channel. A recovery with their phrase settles it.",
        )
        self.did = did
        self.kept = kept
        self.rival = rival


class OwnEquivocationError(EquivocationError):
    """One's own log goes on in two ways, which its person can settle."""

    def __init__(self, did: str, kept: str, rival: str) -> None:
        super().__init__(did, kept, rival)
        self.args = ("your DID has two rival logs; nothing is written before that is settled",)
        self.why = (
            f"Entry {kept[:16]}… was seen first and is kept, but {rival[:16]}… claims the same "
            "rank. Most often a restored backup or another copy of this vault wrote on from an "
            "older entry; else somebody has your keys."
        )
        self.hint = (
            "`mnemosyne did log` shows them, `mnemosyne did recover --dry-run` what the recovery "
            "phrase would keep and drop."
        )


class DeactivatedDidError(MnemosyneError):
    """A DID was deactivated."""

    code = "did-deactivated"

    def __init__(self, did: str) -> None:
        super().__init__(
            f"{did} is deactivated; nothing new is entrusted to it",
            why="The last entry of its log says so.",
            hint="Ask this person for the DID they use now, over another channel.",
        )
        self.did = did


class OwnDeactivatedDidError(DeactivatedDidError):
    """One's own DID was deactivated, and can be taken back."""

    def __init__(self, did: str) -> None:
        super().__init__(did)
        self.args = ("your DID is deactivated; nothing is written to it",)
        self.hint = "`mnemosyne did recover` takes it back with the recovery phrase."
