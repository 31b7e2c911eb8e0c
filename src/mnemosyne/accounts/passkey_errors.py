"""What is refused around passkeys."""

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier


class PasskeyRefusedError(MnemosyneError):
    """Nobody is signed in by this answer; whatever was wrong with it, the words are the same."""

    code = "passkey-refused"

    def __init__(self) -> None:
        super().__init__(
            "this passkey does not sign anybody in here",
            why="It is unknown here, was made for another host name, or did not answer the "
            "question that this page was asked a moment ago.",
            hint="Try again. If it never worked at this address, sign in with another passkey or "
            "a recovery code, or run `mnemosyne account link` on the machine of the node.",
        )


class PasskeyUnusableError(MnemosyneError):
    """An authenticator made a credential that this node does not keep."""

    code = "passkey-unusable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "this passkey cannot be kept",
            why=f"{reason}.",
            hint="Begin again on this page, or use another device or security key.",
        )
        self.reason = reason


class PasskeyKnownError(MnemosyneError):
    """The credential is registered on this node already."""

    code = "passkey-known"

    def __init__(self) -> None:
        super().__init__(
            "this passkey is registered already",
            why="A passkey belongs to one account, once.",
            hint="Use another device or security key.",
        )


class PasskeyNotFoundError(MnemosyneError):
    """The person has no passkey of that identifier."""

    code = "passkey-not-found"

    def __init__(self, passkey_id: Identifier) -> None:
        super().__init__(
            "you have no such passkey",
            why="It was removed, or it was never yours.",
            hint="List your passkeys, and take an identifier from there.",
        )
        self.passkey_id = passkey_id


class LastPasskeyError(MnemosyneError):
    """Without this passkey the person could not sign in at this address any more."""

    code = "last-passkey"

    def __init__(self) -> None:
        super().__init__(
            "this is the last passkey with which you can sign in here",
            why="Without it, nobody could open your account from a browser.",
            hint="Add another passkey first, then remove this one.",
        )


class NotRecoveringError(MnemosyneError):
    """The browser has not redeemed a recovery code."""

    code = "not-recovering"

    def __init__(self) -> None:
        super().__init__(
            "you are signed in with a passkey, and not recovering",
            why="Whoever is signed in adds passkeys with POST /v1/passkeys, which asks to confirm.",
            hint="Add the passkey there, or redeem a recovery code first.",
        )


class StepUpRefusedError(MnemosyneError):
    """The act is not confirmed."""

    code = "step-up-refused"

    def __init__(self) -> None:
        super().__init__(
            "this is not confirmed",
            why="The confirmation is not by a passkey of yours, was for another act or another "
            "session, was used, or is older than five minutes.",
            hint="Ask for the act again and confirm it with your passkey.",
        )
