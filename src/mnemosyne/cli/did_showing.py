"""A DID as a person reads it, and as JSON: its document, its log, what differs."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from rich.text import Text

from mnemosyne.cli import moments
from mnemosyne.cli.output import Page, said
from mnemosyne.identity.refusals import USUAL_CAUSE

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.identity.entry import Entry
    from mnemosyne.identity.log import History
    from mnemosyne.identity.model import Changed, Difference, Mine, RecoveryPlan

Document = dict[str, object]

_EQUIVOCATION: Final = (
    f"This log goes on in two ways: there are rival entries. {USUAL_CAUSE} Until it is settled "
    "others entrust nothing new to it. `mnemosyne did recover` settles it with the recovery phrase."
)
_ELSEWHERE: Final = (
    f"This vault did not write the newest entries. {USUAL_CAUSE} `mnemosyne did recover` makes new "
    "keys with the recovery phrase and drops those entries; `--from NUMBER` keeps them up to one."
)
_KEYS_MISSING: Final = (
    "This vault does not hold the keys for the next entry of your DID. "
    f"{USUAL_CAUSE} `mnemosyne did recover` makes new keys with the recovery phrase."
)
_KEYS_NEW: Final = "The keys that change the log become new ones with every entry."
_UNCONFIRMED: Final = (
    "This vault was restored from a backup, so entries may have been published since. Nothing is "
    "written before that is known."
)
_BEHIND: Final = (
    "The copy beside the vault is ahead by {ahead}: the vault is of an earlier day. Nothing is "
    "written before `mnemosyne did confirm` has taken over what the copy holds."
)
_NODE: Final = (
    "Your document does not name the key with which your node signs now. `mnemosyne key rotate "
    "--only node` makes a new one and names it."
)


def show(page: Page, mine: "Mine", zone: tzinfo) -> None:
    """Print a DID with what its document says, and what is not well with it."""
    page.rule()
    page.line(Text(mine.did, "id"))
    page.fields([*_facts(mine.history, zone), *_document_rows(mine.history)])
    for warning in warnings(mine):
        page.space()
        page.warning(warning)


def warnings(mine: "Mine") -> list[str]:
    """Return what is not well with one's own DID, in whole sentences."""
    found = []
    if mine.history.equivocation:
        found.append(_EQUIVOCATION)
    elif mine.elsewhere:
        found.append(_ELSEWHERE)
    elif mine.confirmed and not (mine.writable or mine.history.deactivated):
        found.append(_KEYS_MISSING)
    if mine.ahead:
        found.append(_BEHIND.format(ahead=mine.ahead))
    elif not mine.confirmed:
        found.append(_UNCONFIRMED)
    if not mine.names_node:
        found.append(_NODE)
    return found


def next_step(mine: "Mine") -> str:
    """Return the command that is most likely the next one."""
    if _ended(mine.history):
        return "mnemosyne did log --raw   prints the log, to be handed to those who know you"
    if mine.history.equivocation or mine.elsewhere:
        return "mnemosyne did recover --dry-run   shows what the recovery phrase would undo"
    if not mine.confirmed:
        return "mnemosyne did confirm FILE   compares with the newest card or log from outside"
    if mine.history.deactivated or not mine.writable:
        return "mnemosyne did recover   takes it back with the recovery phrase"
    if not mine.names_node:
        return "mnemosyne key rotate --only node   makes a new key and names it"
    return "mnemosyne did card --qr   shows your card, to be read by somebody’s phone"


def show_log(page: Page, mine: "Mine", zone: tzinfo) -> None:
    """Print every entry: number, when, what it does, how it stands, whose it is, what changed."""
    from mnemosyne.identity.own_document import differences_of  # noqa: PLC0415 - brings much

    for line in mine.log:
        entry = line.entry
        at = f"{moments.show_at(entry.time, zone):<{moments.WIDTH}}"
        stands = line.standing.value if line.standing.value != "current" else ""
        whose = "" if line.own or stands else "not written here"
        page.line(
            f"{entry.number:>4}  ",
            Text(at, "date"),
            f"  {entry.type.value:<10}  ",
            Text(entry.hash[-8:], "id"),
            "  ",
            Text(stands or whose, "final" if stands or whose else ""),
        )
        for each in differences_of(mine.history.entries, entry):
            page.line(" " * 8, _difference(each))


def show_differences(page: Page, differences: "Sequence[Difference]") -> None:
    """Print what goes and what comes."""
    page.rule()
    for each in differences:
        page.line(_difference(each))
    page.line(_KEYS_NEW if differences else f"The document stays as it is. {_KEYS_NEW}")


def _difference(each: "Difference") -> Text:
    return said(f"{'+' if each.added else '-'} {each.what}  {each.value}")


def show_plan(page: Page, plan: "RecoveryPlan", zone: tzinfo) -> None:
    """Print where a recovery goes back to and what it drops."""
    previous = plan.previous
    page.rule()
    page.fields(
        [
            ("your DID", plan.did),
            ("goes on from", entry_line(previous, zone)),
            ("drops", how_many(len(plan.nullified)) if plan.nullified else "nothing"),
        ]
    )
    for entry in plan.nullified:
        page.line("  ", entry_line(entry, zone))


def how_many(number: int) -> str:
    """Return a number of entries in words that agree."""
    return "1 entry" if number == 1 else f"{number:,} entries"


def raw(mine: "Mine") -> str:
    """Return one's own log as others read it: JSON Lines in the order first seen."""
    from mnemosyne.identity.log import lines  # noqa: PLC0415 - brings cryptography

    return lines(mine.history.entries).decode("utf-8")


def entry_line(entry: "Entry", zone: tzinfo) -> str:
    """Return one entry in a line: number, what it does, when, and the end of its hash."""
    at = moments.show_at(entry.time, zone)
    return f"entry {entry.number}, {entry.type.value}, {at}, {entry.hash[-8:]}"


def document(mine: "Mine") -> Document:
    """Return one's own DID as JSON."""
    return history_document(mine.history) | {
        "own_head": mine.own_head,
        "confirmed": mine.confirmed,
        "writable": mine.writable,
        "elsewhere": [entry.version_id for entry in mine.elsewhere],
        "ahead": mine.ahead,
        "names_node": mine.names_node,
    }


def history_document(history: "History") -> Document:
    """Return what the log of a DID says, as JSON."""
    found = history.document
    return {
        "did": history.did,
        "version_id": history.head.version_id,
        "created_at": history.path[0].time.isoformat(),
        "updated_at": history.head.time.isoformat(),
        "epoch": history.epoch,
        "deactivated": history.deactivated,
        "equivocation": history.equivocation,
        "document": None if found is None else dict(found),
        "mirrors": list(history.in_force.mirrors),
    }


def changed_document(changed: "Changed") -> Document:
    """Return a change as JSON; ``written`` is false for a dry run."""
    return {
        "written": changed.mine is not None,
        "differences": [
            {"added": each.added, "what": each.what, "value": each.value}
            for each in changed.differences
        ],
    } | ({} if changed.mine is None else document(changed.mine))


def plan_document(plan: "RecoveryPlan") -> Document:
    """Return the plan of a recovery as JSON."""
    return {
        "did": plan.did,
        "from": plan.previous.version_id,
        "nullified": [entry.version_id for entry in plan.nullified],
        "epoch": plan.epoch,
        "adopted": plan.adopted,
    }


def log_document(mine: "Mine") -> list[Document]:
    """Return every entry of one's own log as JSON."""
    return [
        {
            "version_id": line.entry.version_id,
            "number": line.entry.number,
            "time": line.entry.time.isoformat(),
            "type": line.entry.type.value,
            "previous": line.entry.previous,
            "standing": line.standing.value,
            "own": line.own,
        }
        for line in mine.log
    ]


def _facts(history: "History", zone: tzinfo) -> list[tuple[str, str]]:
    first, head = history.path[0], history.head
    rows = [("made", moments.show_at(first.time, zone))]
    if head is not first:
        rows.append(("changed", f"{moments.show_at(head.time, zone)}, entry {head.number}"))
    if history.epoch:
        times = f"{history.epoch} times" if history.epoch > 1 else "once"
        rows.append(("phrase used", f"{times}: to recover it, or to put a new phrase in its place"))
    if history.deactivated:
        ended = "ended for good: no key can write to it" if _ended(history) else ""
        rows.append(("state", ended or "deactivated: it is used no more"))
    return rows


def _document_rows(history: "History") -> list[tuple[str, str]]:
    state = history.document or {}
    rows = [
        (f"#{each['id'].rsplit('#', 1)[1]}", each["publicKeyMultibase"])
        for each in state.get("verificationMethod", ())
    ]
    rows += [
        (f"#{each['id'].rsplit('#', 1)[1]}", f"{each['type']} {each['serviceEndpoint']}")
        for each in state.get("service", ())
    ]
    rows += [("also", name) for name in state.get("alsoKnownAs", ())]
    return rows + [("mirror", url) for url in history.in_force.mirrors]


def _ended(history: "History") -> bool:
    return history.deactivated and not history.in_force.recovery_key_hashes
