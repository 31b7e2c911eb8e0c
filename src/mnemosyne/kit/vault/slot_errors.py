"""What can go wrong with the ways into a vault."""

from mnemosyne.kit.errors import MnemosyneError

_PREVIOUS = "`vault.slots.previous` holds the slots as they were before the last change."


class WrongKeyError(MnemosyneError):
    """A secret opens no slot."""

    code = "wrong-key"

    def __init__(self, secret: str, *, has_slot: bool, place: str = "vault") -> None:
        super().__init__(
            f"this {secret} does not open the {place}",
            why=f"No slot for a {secret} opens with it."
            if has_slot
            else f"The {place} has no slot for a {secret}.",
            # A backup has no slot for a key file: who set one has to be told how to be asked.
            hint="Check it and try again, or use another: `mnemosyne --phrase COMMAND` takes the "
            "recovery phrase; without MNEMOSYNE_KEY_FILE the passphrase is asked for.",
        )
        self.secret = secret
        self.has_slot = has_slot


class SlotsAlteredError(MnemosyneError):
    """The secret is right, but the slots are not those that the vault wrote."""

    code = "slots-altered"

    def __init__(self) -> None:
        super().__init__(
            "the slots of the vault were changed by something other than Mnemosyne",
            why="The secret is right, but a slot was added, removed or changed, or slots of "
            "another kind of file lie here.",
            hint=f"Find out who changed the file before you go on. {_PREVIOUS}",
        )


class SlotsDamagedError(MnemosyneError):
    """A slot file is not whole."""

    code = "slots-damaged"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "the slots of the vault cannot be read",
            why=f"{detail}.",
            hint=f"Put another copy of the file in its place. {_PREVIOUS}",
        )
        self.detail = detail


class SlotsNotWrittenError(MnemosyneError):
    """The system did not let the slots be written."""

    code = "slots-not-written"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "the slots of the vault could not be saved",
            why=f"The system says: {detail}.",
            hint="Check the disk and its space, then repeat the command; no slot was lost.",
        )
        self.detail = detail


class LastSlotError(MnemosyneError):
    """The only way in was to be removed."""

    code = "last-slot"

    def __init__(self) -> None:
        super().__init__(
            "the last slot cannot be removed",
            why="Without any slot nobody could ever open the vault again.",
            hint="Add another slot first, then remove this one.",
        )


class SlotMissingError(MnemosyneError):
    """No slot has this identifier."""

    code = "slot-missing"

    def __init__(self, slot_id: str) -> None:
        super().__init__(
            f"the vault has no slot “{slot_id[:40]}”",
            why="No slot has this identifier.",
            hint="Look at the list of slots and copy the identifier.",
        )
        self.slot_id = slot_id


class SlotTakenError(MnemosyneError):
    """A second passphrase or phrase, or one slot too many, was to be added."""

    code = "slot-taken"

    def __init__(self, why: str) -> None:
        super().__init__(
            "the slot cannot be added",
            why=why,
            hint="Replace or remove the one that is there.",
        )


class NoPortableSlotError(MnemosyneError):
    """A backup would open with nothing that its owner can carry to another machine."""

    code = "no-portable-slot"

    def __init__(self) -> None:
        super().__init__(
            "the vault has neither a passphrase nor a recovery phrase",
            why="A backup carries those two slots only, so this one could never be opened.",
            hint="Add a passphrase or a recovery phrase first.",
        )
