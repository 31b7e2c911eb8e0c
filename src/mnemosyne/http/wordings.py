"""What HTTP says of errors whose own words are meant for the shell, or repeat what was sent.

An error speaks of itself for whoever is at the machine of the node: it names commands, options and
paths, and quotes what was typed. Over HTTP none of that is said: a problem names operations, and
what was sent stays where it was (logs and traces of clients keep problems).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mnemosyne.kit.errors import MnemosyneError


@dataclass(frozen=True, slots=True)
class Wording:
    """What takes the place of the words of an error; None leaves its own, "" nothing."""

    title: str | None = None
    detail: str | None = None
    hint: str | None = None


_SHELL: Final = "That is done in the shell, on the machine of the node."
_AGAIN: Final = "Send it again."
_NEWEST: Final = "POST /v1/did/confirm with the newest card or log from outside"
WORDINGS: Final[Mapping[str, Wording]] = {
    "already-superseded": Wording(
        "Another memory already replaced this one.",
        hint="Supersede the newer one instead: GET /v1/memories/{memory}/detail names it.",
    ),
    "ambiguous-reference": Wording(
        "More than one memory ends like this.", hint="Name it by its whole identifier."
    ),
    "archive-content": Wording("Rows of the archive cannot be taken over.", ""),
    "archive-damaged": Wording("This is not a whole archive of Mnemosyne.", ""),
    "archive-not-written": Wording("The archive was not written.", "", _AGAIN),
    "archive-sealed": Wording(
        "The archive is sealed with a passphrase.", hint="Send Archive-Passphrase with it."
    ),
    "archive-work": Wording(
        "The archive takes more work to open than this node does over HTTP.",
        hint="Let whoever runs the node open it in the shell.",
    ),
    "backup-damaged": Wording("This is not a whole backup.", ""),
    "backup-destination": Wording(
        "Backups cannot lie there.", "", "Name a folder of the node’s machine outside the vault."
    ),
    "backup-differs": Wording("The contents of the backup differ from its manifest.", ""),
    "backup-exchanged": Wording("The file holds another backup than its name says."),
    "backup-not-written": Wording("The backup was not written.", "Nothing of it was left."),
    "bad-card": Wording(hint="Ask for the card again and take the file or the codes as they are."),
    "commit-unknown": Wording(
        hint="Send it again with the same Idempotency-Key, and let whoever runs the node look at "
        "its disk."
    ),
    "contact-did": Wording(
        "The DID does not go to this contact.",
        "Somebody would have two DIDs, or two people one.",
        "GET /v1/dids shows whose each is.",
    ),
    "contact-not-found": Wording(
        "Nobody on your people list is that.", hint="GET /v1/people lists everyone."
    ),
    "content-size": Wording(hint="Write something, or bring a long text with POST /v1/imports."),
    "damaged-archive": Wording("The archive is damaged, or not a .zip file.", ""),
    "database-busy": Wording(hint="Try again in a moment."),
    "did-beside": Wording(
        detail="The vault was put back to a day before its DID, or the log is somebody else’s.",
        hint="POST /v1/did/recovery takes it back with the recovery phrase.",
    ),
    "did-change": Wording(
        "The document cannot be changed like that.",
        hint="GET /v1/did shows the document, POST /v1/did/preview what a change would make of it.",
    ),
    "did-copy": Wording(detail="The disk of the node refused it."),
    "did-copy-damaged": Wording(
        detail="It may hold entries that are newer than what this vault knows. Nothing is stated "
        "over that.",
        hint=f"{_NEWEST}, or POST /v1/did/recovery.",
    ),
    "did-deactivated": Wording(
        "The DID is deactivated; nothing new is entrusted to it.",
        hint="Ask this person for the DID they use now, over another channel. Your own is taken "
        "back with POST /v1/did/recovery.",
    ),
    "did-ended": Wording(detail="The last entry commits to no key: nobody can write another one."),
    "did-equivocation": Wording(
        "The DID has two rival logs; nothing new is entrusted to it.",
        "The entry that was seen first is kept: a key was stolen, or two machines wrote at once.",
        "Ask this person over another channel. Your own is settled with POST /v1/did/recovery.",
    ),
    "did-exists": Wording(
        "You have a DID already.", hint="GET /v1/did shows it, PATCH /v1/did changes its document."
    ),
    "did-foreign": Wording(detail="It is not that of the DID which is asked for."),
    "did-keys-missing": Wording(
        hint="POST /v1/did/recovery makes new keys with the recovery phrase; "
        "POST /v1/did/recovery/plan shows first what it keeps and what it drops."
    ),
    "did-log": Wording("The log does not hold: {log_code}.", hint=""),
    "did-missing": Wording(
        hint="POST /v1/did makes one. POST /v1/did/recovery brings one from elsewhere."
    ),
    "did-newer-known": Wording(
        detail="The copy of the log is ahead of the vault.",
        hint="POST /v1/did/confirm with `copy` as the newest takes it over.",
    ),
    "did-not-resolved": Wording(
        hint="Check the DID, the version and the part that you name. A card of its owner has what "
        "is newest: POST /v1/dids takes it."
    ),
    "did-older": Wording(
        "What you gave is older than what this vault knows.",
        "It cannot say what was published since.",
        "Find a newer card or log, or state with `nothing-newer` that nothing was published since.",
    ),
    "did-phrase": Wording(
        hint="Look for the newest phrase; POST /v1/did/recovery/rehearse tells whether one fits."
    ),
    "did-phrase-needed": Wording(hint="POST /v1/did/phrase/new makes one; send it as `phrase`."),
    "did-recovery-unconfirmed": Wording(
        hint=f"Compare first: {_NEWEST}. POST /v1/did/recovery also takes it, or `nothing-newer`, "
        "which states that it was not recovered since."
    ),
    "did-taken": Wording(detail="It is theirs here, and nobody shares a DID."),
    "did-unconfirmed": Wording(
        hint=f"{_NEWEST}, `copy` for what lies beside the vault, or `nothing-newer`, which states "
        "that nothing was published since."
    ),
    "did-unknown": Wording(
        "Nothing is known here of that DID.",
        hint="Ask its owner for a card; POST /v1/dids takes it.",
    ),
    "did-version": Wording(
        "Recovery cannot go back to that version.", "", "GET /v1/did/log lists the entries."
    ),
    "did-version-unclear": Wording(
        "That names several entries of the log.",
        "",
        "Name one by its whole versionId, as GET /v1/did/log shows it.",
    ),
    "duplicate-text": Wording(
        "Another memory already says exactly this, at the same moment.",
        hint="Keep one of them and forget the other.",
    ),
    "empty-question": Wording(
        hint="Ask in your own words, or use GET /v1/memories to see everything."
    ),
    "enrolment-invalid": Wording(
        hint="Ask whoever runs the node for another link or invitation.",
    ),
    "entry-not-found": Wording(
        "Your record has no such entry.",
        hint="GET /v1/audit/entries shows the entries and their numbers.",
    ),
    "erasure-not-found": Wording(
        "There is no such erase.", hint="GET /v1/audit/entries shows every erase."
    ),
    "forget-limit": Wording(hint="Wait an hour; then look at what was forgotten with GET /v1/bin."),
    "graph-cache": Wording(
        "The embedder of the node cannot be kept.", "", "Tell whoever runs the node."
    ),
    "idempotency-conflict": Wording(
        "The Idempotency-Key was used for another request.",
        hint="Send what is new with a key of its own.",
    ),
    "importance-range": Wording("Importance is outside 0 to 1."),
    "invalid-did": Wording("This is not a did:mnem."),
    "invitation-not-found": Wording(hint="GET /v1/invitations lists those that are still good."),
    "key-file-place": Wording(
        "A key file of the node lies where it may not.", "", "Tell whoever runs the node."
    ),
    "label-length": Wording(
        "A tag has more than 128 characters.", hint="Shorten it, or write it into the memory."
    ),
    "malformed-identifier": Wording(
        "This is not an identifier.", hint="Copy it from a list or a search result."
    ),
    "memory-not-found": Wording(
        "There is no such memory here.",
        "It was never here, was erased, or is in the bin.",
        "GET /v1/memories lists the newest, GET /v1/bin what was forgotten.",
    ),
    "missing-scope": Wording(
        detail="A credential can do what its scopes say.",
        hint="Use a credential with that scope; GET /v1/account says what one may do.",
    ),
    "name-length": Wording(detail=""),
    "name-taken": Wording(
        "The name is one of somebody else on your people list.",
        hint="Are they the same? POST /v1/people/{contact}/merge makes them one.",
    ),
    "needs-secret": Wording(
        "This needs a passkey once more.",
        "It is not let through by what a program holds.",
        "Do it in a browser, signed in.",
    ),
    "not-in-bin": Wording(
        "A memory is not in the bin.", hint="GET /v1/bin shows what was forgotten."
    ),
    "not-superseded": Wording(
        "The memory holds already: nothing replaced it.",
        hint="GET /v1/memories/{memory}/detail shows from when to when it holds.",
    ),
    "others-stay": Wording(
        hint="Let them export an archive and erase themselves first; whoever is at the machine of "
        "the node can erase them in its shell."
    ),
    "own-card": Wording(
        detail="You are not learned from a card.",
        hint="POST /v1/did/confirm compares it with what this vault knows.",
    ),
    "passkey-refused": Wording(
        hint="Try again. If it never worked at this address, sign in with another passkey or a "
        "recovery code, or ask whoever runs the node for a link."
    ),
    "person-not-found": Wording(
        "Nobody on this node is called that.", hint="GET /v1/residents lists who is here."
    ),
    "phrase-unknown-word": Wording(hint="Look at that word on the card again."),
    "processing-restricted": Wording(
        hint="Lift the restriction first: on your account page, or with "
        "DELETE /v1/account/restriction."
    ),
    "record-damaged": Wording(hint="POST /v1/audit/verification names the first bad entry."),
    "record-gone": Wording(hint="Tell whoever runs the node."),
    "recovery-code-refused": Wording(
        hint="Try another of your codes, or ask whoever runs the node for a link."
    ),
    "slot-missing": Wording("The vault has no such slot.", hint="GET /v1/keys lists them."),
    "slots-not-written": Wording(
        detail="The disk of the node refused it; no slot was lost.", hint=_AGAIN
    ),
    "source-too-large": Wording("The source is larger than the node imports."),
    "source-unreadable": Wording("The source cannot be read.", "", "Take another copy of it."),
    "spool-full": Wording(detail="Nothing of it was kept."),
    "storage-full": Wording(hint="Let whoever runs the node make room on its disk."),
    "token-not-found": Wording(hint="GET /v1/tokens lists those you have."),
    "unknown-format": Wording(
        "The source is in no format that can be imported.",
        hint="Say with `format` which it is; the reference lists those that are known.",
    ),
    "unknown-zone": Wording("This is no time zone."),
    "unreadable-evidence": Wording(
        "This is neither a checkpoint, a receipt nor an exported record.",
        "",
        "GET /v1/audit/checkpoint makes what can be compared later.",
    ),
    "unsafe-archive": Wording(
        "The archive is refused.",
        "Something in it does harm, or cannot be told from what does. Nothing was imported.",
    ),
    "vault-busy": Wording(
        "The vault is in use.",
        "Another process of the node’s machine has it, or needs it alone.",
        "Try again when that is done.",
    ),
    "vault-not-empty": Wording(
        detail="Something is here already, and two lives are not mixed.",
        hint="Take it over as somebody who has nothing here yet.",
    ),
    "vault-phrase": Wording(hint=_SHELL),
    "weak-passphrase": Wording(
        hint="Use 12 or more characters that nobody would guess, such as five random words."
    ),
    "weights-altered": Wording(
        "The weights of the embedder are not those that were published.",
        "They are not used.",
        "Tell whoever runs the node.",
    ),
    "weights-unsuitable": Wording(
        "The weights of the embedder cannot be used.", hint="Tell whoever runs the node."
    ),
    "wording-not-found": Wording(
        "The memory has no such earlier wording.",
        hint="GET /v1/memories/{memory}/detail shows every earlier one.",
    ),
}


def worded(error: MnemosyneError) -> tuple[str, str, str]:
    """Return title, detail and hint of an error as HTTP says them."""
    said = WORDINGS.get(error.code, Wording())
    text = str(error)
    return (
        f"{text[:1].upper()}{text[1:]}."
        if said.title is None
        else said.title.format_map(vars(error)),
        error.why if said.detail is None else said.detail,
        error.hint if said.hint is None else said.hint,
    )
