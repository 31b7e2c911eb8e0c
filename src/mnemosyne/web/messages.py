"""What the errors of this node mean: each by its code, in the words that its class has for it.

An error class says in its first line what happened. That line is the meaning here, so a page and
the code cannot differ; what HTTP itself refuses has no class, and stands below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from mnemosyne.http.statuses import STATUSES, status_of
from mnemosyne.kit.errors import MnemosyneError

OF_HTTP: Final[Mapping[str, str]] = {
    "address-too-long": "The address is longer than the node reads.",
    "bad-request": "What was sent is no request of HTTP.",
    "cross-site": "A web page of another origin caused the request.",
    "internal-error": "The node failed at this, by a fault of its own.",
    "invalid-request": "The request does not fit what the operation takes.",
    "log-entries-refused": "What was pushed to a log does not validly extend it.",
    "method-not-allowed": "The address takes other methods than the one it was asked with.",
    "misdirected-request": "The request names another host than this node.",
    "no-such-page": "There is nothing at the address.",
    "past-the-proxy": "The request did not come through the proxy before the node.",
    "precondition-required": "The change has to say which version it changes.",
    "precondition-failed": "The version to be changed is not the latest any more.",
}
ADVICE: Final[Mapping[str, str]] = {
    "cross-site": "Open the node’s own address and do it there. No other page may act for you.",
    "enrolment-invalid": "Ask whoever runs the node for another link or invitation.",
    "invalid-request": "The answer lists each place that does not fit, as a JSON pointer.",
    "last-passkey": "Add another passkey first, under Ways in; then remove this one.",
    "misdirected-request": "Use the address that the node printed when it started. Passkeys "
    "belong to that name, and other names can be a trap.",
    "no-such-page": "Look at the address again, or begin on the first page. What is another "
    "person’s is answered the same as what is not there.",
    "not-signed-in": "Sign in, or give the program a token that is in force.",
    "passkey-refused": "Try again with a passkey of this node. If they are lost, come back with a "
    "recovery code.",
    "past-the-proxy": "Use the public address of the node, which leads through its proxy.",
    "processing-restricted": "Lift the restriction on your account page, if you want this done.",
    "recovery-code-refused": "Try another of your ten codes; each is good once.",
    "step-up-required": "Confirm the act with your passkey: the pages ask for it by themselves, "
    "programs use POST /v1/step-up.",
    "too-many-requests": "Wait for as many seconds as Retry-After says.",
    "vault-busy": "Wait until the maintenance that holds the vault is done.",
}
BY_STATUS: Final[Mapping[int, str]] = {
    400: "Correct what was sent; the answer says what could not be read.",
    401: "Sign in, or give the program a token that is in force.",
    403: "Use a credential that may do it, or do it in the shell of the node.",
    404: "Look at the list that it should be in. What is another person’s is answered the same.",
    405: "Use a method that the answer’s Allow header names.",
    409: "Read how things stand now, then decide again.",
    410: "It was erased and does not come back.",
    412: "Read the latest version, and change that.",
    413: "Send it in parts, or import it as a file.",
    414: "Shorten the address; what is long belongs in a body.",
    415: "Send the kind of body that the reference names.",
    421: "Use the address that the node printed when it started.",
    422: "Correct what the answer names, and send it again.",
    428: "Send If-Match with the ETag that you read.",
    429: "Wait for as many seconds as Retry-After says.",
    503: "Wait a moment and try again; Retry-After says for how long, where it is known.",
    507: "Make room on the disk of the node.",
}
_OTHERWISE: Final = "Tell whoever runs the node; its log says more."


@dataclass(frozen=True, slots=True)
class Message:
    """A code, what it means, what to do, and its status."""

    code: str
    status: int
    meaning: str
    advice: str

    @property
    def phrase(self) -> str:
        """Return the standard's words for the status."""
        return phrase_of(self.status)


def messages() -> Mapping[str, Message]:
    """Return every code that an operation can answer with, in order."""
    meanings = {**dict(_of_classes(MnemosyneError)), **OF_HTTP}
    codes = {*STATUSES, *OF_HTTP}
    return {code: _message(code, meanings.get(code, "")) for code in sorted(codes)}


def in_groups(found: Mapping[str, Message]) -> Sequence[tuple[int, str, Sequence[Message]]]:
    """Return messages by status, each status with its phrase."""
    statuses = sorted({each.status for each in found.values()})
    return [
        (status, phrase_of(status), [each for each in found.values() if each.status == status])
        for status in statuses
    ]


def phrase_of(status: int) -> str:
    """Return the standard's words for a status (RFC 9110 §15)."""
    return HTTPStatus(status).phrase


def advice_for(code: str, status: int) -> str:
    """Return what to do about an error: its own advice, or that of its status."""
    return ADVICE.get(code) or BY_STATUS.get(status, _OTHERWISE)


def _message(code: str, meaning: str) -> Message:
    status = status_of(code)
    return Message(code, status, meaning or f"{phrase_of(status)}.", advice_for(code, status))


def _of_classes(base: type[MnemosyneError]) -> Iterator[tuple[str, str]]:
    for each in base.__subclasses__():
        # Errors of others, such as a test's, may carry a code of ours.
        ours = each.__module__.partition(".")[0] == "mnemosyne"
        if ours and "code" in vars(each) and each.__doc__:
            yield each.code, each.__doc__.partition("\n")[0]
        yield from _of_classes(each)
