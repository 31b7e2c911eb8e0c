"""What the API is sent about DIDs, and what of it is read on the way in.

A phrase and a log stand in bodies alone, never in an address, and a phrase shows in no message: of
a word that is none only its place is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, StringConstraints

from mnemosyne.api.schemas import Request
from mnemosyne.http.bodies import LARGEST_TEXTS
from mnemosyne.identity.cards import LONGEST_HINT, LONGEST_NAME
from mnemosyne.identity.model import DocumentChange
from mnemosyne.identity.refusals import (
    CopyDamagedError,
    CopyNotWrittenError,
    DidBesideError,
    DidUnconfirmedError,
    NewerKnownError,
)
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.phrase import Phrase, UnknownPhraseWordError, parse_phrase

LONGEST_PHRASE: Final = 512
"""Characters: 24 words of at most eight letters, and room for how somebody spaces them."""
COPY: Final = "copy"
NOTHING_NEWER: Final = "nothing-newer"
_MOST: Final = 32
_LONGEST_URL: Final = 2_048
_LONGEST_WORD: Final = 256

PhraseText = Annotated[
    SecretStr,
    Field(max_length=LONGEST_PHRASE, description="24 words. They are never stored or logged."),
]
LogText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LARGEST_TEXTS),
    Field(description="A card, the text of its codes, or a log as JSON Lines."),
]
_Url = Annotated[str, StringConstraints(max_length=_LONGEST_URL)]
_Word = Annotated[str, StringConstraints(max_length=_LONGEST_WORD)]


class CreateDid(Request):
    """A phrase that recovers the new DID, where its person made one; else the node makes it."""

    phrase: PhraseText | None = None


class ServiceRequest(Request):
    """A service that the document should name."""

    id: _Word = Field(examples=["blog"])
    type: _Word = Field(examples=["LinkedDomains"])
    endpoint: _Url = Field(examples=["https://ada.example/"])


class ChangeDid(Request):
    """What should be different. A log is public: what is written now stays readable for good."""

    node_endpoint: _Url = Field(default="", description="Where this node is reached, as #node.")
    add_services: list[ServiceRequest] = Field(default_factory=list, max_length=_MOST)
    remove_services: list[_Word] = Field(default_factory=list, max_length=_MOST)
    also_known_as: list[_Url] = Field(default_factory=list, max_length=_MOST)
    not_known_as: list[_Url] = Field(default_factory=list, max_length=_MOST)
    mirrors: list[_Url] = Field(default_factory=list, max_length=_MOST)
    remove_mirrors: list[_Url] = Field(default_factory=list, max_length=_MOST)

    def change(self) -> DocumentChange:
        """Return it as a value."""
        return DocumentChange(
            node_endpoint=self.node_endpoint,
            add_services=tuple((each.id, each.type, each.endpoint) for each in self.add_services),
            remove_services=tuple(self.remove_services),
            also_known_as=tuple(self.also_known_as),
            not_known_as=tuple(self.not_known_as),
            mirrors=tuple(self.mirrors),
            remove_mirrors=tuple(self.remove_mirrors),
        )


KeyName = Literal["hot", "sig", "enc", "node"]


class RotateDid(Request):
    """Which keys to make anew; those that change the log always are. `node` is for its admin."""

    keys: list[KeyName] = Field(default=["hot", "sig", "enc"], max_length=4)


class EndDid(Request):
    """The phrase, which signs the tombstone: nothing brings the DID back."""

    phrase: PhraseText


class CardRequest(Request):
    """What the card should suggest to whoever reads it; else it names nobody."""

    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME)] | None = None
    hint: Annotated[str, StringConstraints(max_length=LONGEST_HINT)] | None = None
    pictures: bool = Field(default=False, description="Whether to draw the codes, as SVG.")


class ConfirmDid(Request):
    """The newest log from outside, or the copy beside the vault, or that nothing is newer."""

    newest: LogText = Field(
        description="A card or log; `copy` for what lies beside the vault; `nothing-newer` to "
        "state that nothing was published since, which your record keeps."
    )


class PlanRecovery(Request):
    """Where to go back to, and the newest log from outside."""

    version: _Word = Field(default="", description="The last good entry; else the newest own one.")
    newest: LogText | None = Field(
        default=None,
        description="A card or log; `copy` for what lies beside the vault; `nothing-newer` to "
        "state, after a restore, that the DID was not recovered since.",
    )


class RecoverDid(PlanRecovery):
    """The same, with the phrase that signs it."""

    phrase: PhraseText


class RehearsePhrase(Request):
    """A phrase to be tried."""

    phrase: PhraseText


class ReplacePhrase(Request):
    """The phrase until now, where there is a DID, and the next one, which is on paper already."""

    old: PhraseText | None = None
    new: PhraseText


class FollowDid(Request):
    """Somebody's card, and who that is: needed where the DID is new here."""

    card: LogText
    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME)] = Field(
        default="", examples=["Mira"]
    )


class TakeCard(Request):
    """Somebody's card."""

    card: LogText


def phrase_of(text: SecretStr) -> Phrase:
    """Return the phrase that was sent.

    Raises:
        PhraseWordCountError, UnknownPhraseWordError, PhraseChecksumError: it is none. No word of
            it is repeated, and no other one is suggested: both would tell of it.
    """
    try:
        return parse_phrase(text.get_secret_value())
    except UnknownPhraseWordError as error:
        raise UnknownPhraseWordError(error.position, None) from None


_OF_A_FILE: Final = (
    CopyDamagedError,
    CopyNotWrittenError,
    DidBesideError,
    DidUnconfirmedError,
    NewerKnownError,
)


@contextmanager
def told_from_afar() -> Iterator[None]:
    """Let what is refused name no file of the node's machine, and what can be done from here."""
    try:
        yield
    except _OF_A_FILE as error:
        error.why, error.hint = _words(error)
        raise


def _words(error: MnemosyneError) -> tuple[str, str]:
    """Return why an error that names a file was raised, and what helps, without the file."""
    match error:
        case DidBesideError():
            why = f"It is the log of {error.did}: a backup older than the DID was restored."
            hint = f"Recover it with your phrase and `newest` as `{COPY}`: POST /v1/did/recovery."
        case DidUnconfirmedError() | NewerKnownError():
            why = (
                "The vault was restored from a backup, or put back to an earlier day; writing on "
                f"would make a rival of what was published since. It is behind by {error.ahead} as "
                "far as the copy beside it tells."
            )
            hint = (
                f"POST /v1/did/confirm takes the newest card or log, `{COPY}` for what lies beside "
                f"the vault, or `{NOTHING_NEWER}`."
            )
        case CopyNotWrittenError():
            why = f"The system says: {error.detail}."
            hint = "Whoever runs this node looks at its disk; the next change writes it again."
        case _:
            why = "It may hold entries that are newer than what the vault knows."
            hint = "Give the newest card or log that somebody else has of you."
    return why, hint
