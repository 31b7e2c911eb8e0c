"""What a person can meet who keeps a DID: each says what, why, and what to do."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from mnemosyne.kit.errors import MnemosyneError

USUAL_CAUSE: Final = (
    "Most often a backup of your own was restored, or another copy of this vault wrote on; if "
    "neither is so, somebody has your keys."
)


class NoDidError(MnemosyneError):
    """The person has no DID yet."""

    code = "did-missing"

    def __init__(self) -> None:
        super().__init__(
            "you have no DID yet",
            why="None was made in this vault.",
            hint="`mnemosyne did create` makes one, offline. To bring one from elsewhere: "
            "`mnemosyne did recover --log FILE`.",
        )


class DidExistsError(MnemosyneError):
    """The person has a DID already."""

    code = "did-exists"

    def __init__(self, did: str) -> None:
        super().__init__(
            f"you have a DID already: {did}",
            why="A person has one of their own on a node.",
            hint="`mnemosyne did show` shows it, `mnemosyne did update` changes its document.",
        )
        self.did = did


class DidTakenError(MnemosyneError):
    """Another person of this node has the DID."""

    code = "did-taken"

    def __init__(self, did: str) -> None:
        super().__init__(
            "another person of this node has this DID",
            why=f"{did} is theirs here, and nobody shares a DID.",
            hint="If both accounts are yours, use the one that has it, or erase that one first.",
        )
        self.did = did


class PhraseNeededError(MnemosyneError):
    """Nothing could recover the DID that would be made."""

    code = "did-phrase-needed"

    def __init__(self) -> None:
        super().__init__(
            "a DID is not made without a phrase that recovers it",
            why="This node keeps no hash of a recovery phrase of yours yet.",
            hint="Make the DID with a new phrase of 24 words, and write the words down first.",
        )


class DidBesideError(MnemosyneError):
    """Beside a vault without a DID lies the log of one."""

    code = "did-beside"

    def __init__(self, did: str, copy: Path) -> None:
        super().__init__(
            "beside this vault lies the log of a DID that it does not know",
            why=f"{copy} is the log of {did}. A backup that is older than the DID was restored "
            "here, or the file is somebody else’s.",
            hint=f"`mnemosyne did recover --log {copy}` takes it back with the recovery phrase. If "
            "it is not yours, move the file away.",
        )
        self.did = did
        self.copy = copy


class DidUnconfirmedError(MnemosyneError):
    """The vault is of an earlier day, and what was published since is not known."""

    code = "did-unconfirmed"

    def __init__(self, did: str, ahead: int, copy: Path | None) -> None:
        super().__init__(
            "your DID is not changed before its newest entry is known",
            why="This vault was restored from a backup, or its database was put back to an earlier "
            "day. Writing on from an older entry would make a rival of what was published since"
            + (f"; the copy beside the vault is ahead by {ahead}." if ahead else "."),
            hint=f"`mnemosyne did confirm {copy}` takes over what the copy holds."
            if ahead and copy is not None
            else "Give the newest card or log from outside: `mnemosyne did confirm FILE`; or state "
            "that nothing was published since: `mnemosyne did confirm --nothing-newer`.",
        )
        self.did = did
        self.ahead = ahead


class NothingNewError(MnemosyneError):
    """What was given as the newest is older than what the vault knows."""

    code = "did-older"

    def __init__(self, given: str, known: str) -> None:
        super().__init__(
            "what you gave is older than what this vault knows",
            why=f"It ends with entry {_number(given)}, and the vault knows entry {_number(known)}, "
            "so it cannot say what was published since.",
            hint="Find a newer card or log, or state that nothing was published since: "
            "`mnemosyne did confirm --nothing-newer`.",
        )


class NewerKnownError(MnemosyneError):
    """Something newer lies beside the vault, whatever was stated."""

    code = "did-newer-known"

    def __init__(self, copy: Path, ahead: int, command: str) -> None:
        super().__init__(
            "something newer was published: it lies beside the vault",
            why=f"{copy} is ahead by {ahead}.",
            hint=f"`mnemosyne {command} {copy}` takes it over.",
        )
        self.copy = copy
        self.ahead = ahead


class CopyDamagedError(MnemosyneError):
    """What would say whether something newer was published cannot be read."""

    code = "did-copy-damaged"

    def __init__(self, copy: Path) -> None:
        super().__init__(
            "the copy of your log beside the vault is damaged",
            why=f"{copy} cannot be read to its end, so it may hold entries that are newer than "
            "what this vault knows. Nothing is stated over that.",
            hint="Give the newest card or log that somebody else has of you: `mnemosyne did "
            "confirm FILE`, or `mnemosyne did recover --log FILE`. If there is none anywhere, move "
            "the damaged file away first.",
        )
        self.copy = copy


class DidEndedError(MnemosyneError):
    """A DID has its tombstone."""

    code = "did-ended"

    def __init__(self, did: str) -> None:
        super().__init__(
            "this DID was ended for good",
            why=f"The last entry of {did} commits to no key: nobody can write another one.",
            hint="Nothing brings it back. Another person, or another vault, has another DID.",
        )
        self.did = did


class KeysElsewhereError(MnemosyneError):
    """The keys that may write the next entry are not in this vault."""

    code = "did-keys-missing"

    def __init__(self, version: str) -> None:
        super().__init__(
            "this vault does not hold the keys for the next entry of your DID",
            why=f"Entry {_number(version)} commits to keys that are not here. {USUAL_CAUSE}",
            hint="`mnemosyne did recover` makes new keys with the recovery phrase; `mnemosyne did "
            "recover --dry-run` shows first what it keeps and what it drops.",
        )
        self.version = version


class PhraseUnfitError(MnemosyneError):
    """A phrase recovers another DID, or none."""

    code = "did-phrase"

    def __init__(self, did: str) -> None:
        super().__init__(
            "this phrase does not recover this DID",
            why="The log commits to another recovery key: the phrase was replaced, or is that of "
            "another vault.",
            hint="Look for the newest phrase; `mnemosyne did recover --rehearse` tells which fits.",
        )
        self.did = did


class VaultPhraseError(MnemosyneError):
    """A phrase that opens the vault of everybody would be exchanged from afar."""

    code = "vault-phrase"

    def __init__(self) -> None:
        super().__init__(
            "your phrase opens the vault as well, so it is exchanged where the vault is",
            why="You made this vault: what opens it for everybody passes through no browser.",
            hint="`mnemosyne key phrase replace` exchanges it on the machine of the node.",
        )


class UnknownVersionError(MnemosyneError):
    """No entry of the log has this version, or recovery cannot start from it."""

    code = "did-version"

    def __init__(self, version: str, why: str) -> None:
        super().__init__(
            f"recovery cannot go back to “{version[:70]}”",
            why=why,
            hint="`mnemosyne did log` lists the entries.",
        )
        self.version = version


class AmbiguousVersionError(MnemosyneError):
    """Several entries of a log are named by what was typed."""

    code = "did-version-unclear"

    def __init__(self, version: str, found: Sequence[str]) -> None:
        listed = ", ".join(f"entry {_number(each)} ({each[-8:]})" for each in found[:5])
        super().__init__(
            f"“{version[:70]}” names several entries of the log",
            why=f"It may be {listed}{' and more' if len(found) > 5 else ''}.",  # noqa: PLR2004 - see above
            hint="Name one by its last letters, as `mnemosyne did log` shows them.",
        )
        self.version = version


class RecoveryUnconfirmedError(MnemosyneError):
    """Two recoveries from one entry are rivals; whether there was one is not known."""

    code = "did-recovery-unconfirmed"

    def __init__(self) -> None:
        super().__init__(
            "whether your DID was recovered since the backup is not known",
            why="This vault was restored from a backup, or has the DID from an archive. If the DID "
            "was recovered since, recovering it again from an older entry makes a rival that "
            "everybody has to doubt.",
            hint="Compare first with the newest card or log from outside: `mnemosyne did confirm "
            "FILE`. `mnemosyne did recover` also takes it with --log FILE, or --without-log, which "
            "states that it was not recovered since.",
        )


class UnknownDidError(MnemosyneError):
    """Nothing is known of a DID."""

    code = "did-unknown"

    def __init__(self, did: str) -> None:
        super().__init__(
            f"nothing is known here of {did[:80]}",
            why="It is neither yours nor that of anybody on your people list.",
            hint="Ask its owner for a card: `mnemosyne people add-card FILE` reads it.",
        )
        self.did = did


class OwnCardError(MnemosyneError):
    """A person was handed their own card."""

    code = "own-card"

    def __init__(self, did: str) -> None:
        super().__init__(
            "this is your own card",
            why=f"It is that of {did}.",
            hint="`mnemosyne did confirm FILE` compares it with what this vault knows.",
        )


class ForeignLogError(MnemosyneError):
    """A log or card is that of another DID."""

    code = "did-foreign"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(
            "this is the log of another DID",
            why=f"It is that of {found[:80]}, not of {expected}.",
            hint="Give a card or log of your own DID.",
        )


class ClockBehindError(MnemosyneError):
    """The newest entry is of a later time than the clock of this machine shows."""

    code = "did-clock"

    def __init__(self, newest: datetime, now: datetime) -> None:
        super().__init__(
            "the clock of this machine is behind your DID",
            why=f"The newest entry is of {newest:%Y-%m-%d %H:%M:%S} UTC, and it is "
            f"{now:%Y-%m-%d %H:%M:%S} UTC here. Nobody would accept an entry so far ahead.",
            hint="Set the clock of this machine, then try again.",
        )


class DocumentChangeError(MnemosyneError):
    """A change of the document cannot be made as it was asked for."""

    code = "did-change"

    def __init__(self, what: str, why: str, hint: str) -> None:
        super().__init__(what, why=why, hint=hint)


class CopyNotWrittenError(MnemosyneError):
    """A DID was changed, and the copy of its log beside the vault was not."""

    code = "did-copy"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            "your DID was changed, but the copy of its log was not written",
            why=f"The system says of {path}: {detail}.",
            hint="Check the disk; the next change of the DID writes it again.",
        )
        self.detail = detail


def _number(version: str) -> str:
    return version.split("-", 1)[0]
