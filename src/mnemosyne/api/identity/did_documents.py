"""What the API says of DIDs: one's own, its log, what a change or a recovery would do."""

from typing import Annotated, Any, Self

from pydantic import Field

from mnemosyne.api.schemas import Document, Moment
from mnemosyne.identity.log import History
from mnemosyne.identity.model import Changed, LogLine, Mine, RecoveryPlan, Standing

Did = Annotated[str, Field(examples=["did:mnem:bciq…"])]
VersionId = Annotated[str, Field(examples=["3-bciq…"], description="Its number and its hash.")]


class HistoryDocument(Document):
    """What the log of a DID says today."""

    did: Did
    version_id: VersionId
    created_at: Moment
    updated_at: Moment
    epoch: int = Field(ge=0, description="How often it was recovered.")
    deactivated: bool
    equivocation: bool = Field(description="Whether it has rival entries: trust it with nothing.")
    document: dict[str, Any] | None = Field(description="The DID document; none once deactivated.")
    mirrors: list[str]


class MyDid(HistoryDocument):
    """One's own DID, and whether all is well with it."""

    own_head: VersionId
    confirmed: bool = Field(
        description="False where the vault was restored, until its log was compared with today’s."
    )
    writable: bool = Field(description="Whether the keys for the next entry are here.")
    elsewhere: list[VersionId] = Field(
        description="Entries that hold and that this node did not write."
    )
    ahead: int = Field(ge=0, description="How many entries the copy beside the vault has more.")
    names_node: bool = Field(description="Whether the document names today’s key of this node.")

    @classmethod
    def of(cls, mine: Mine) -> Self:
        """Return what is answered with."""
        return cls(**_mine(mine))


class CreatedDid(Document):
    """A DID that was just made."""

    did: MyDid
    phrase: str | None = Field(
        description="The 24 words that recover it, shown now and kept nowhere; none where a phrase "
        "of yours was there already."
    )


class LogEntry(Document):
    """An entry of one's own log."""

    version_id: VersionId
    number: int = Field(ge=1)
    at: Moment
    type: str
    previous: VersionId | None
    standing: Standing
    own: bool = Field(description="Whether this node wrote or confirmed it.")

    @classmethod
    def of(cls, line: LogLine) -> Self:
        """Return what is answered with."""
        entry = line.entry
        return cls(
            version_id=entry.version_id,
            number=entry.number,
            at=entry.time,
            type=entry.type.value,
            previous=entry.previous,
            standing=line.standing,
            own=line.own,
        )


class LogPage(Document):
    """Part of one's own log, in the order first seen."""

    items: list[LogEntry]
    next: str | None


class DifferenceDocument(Document):
    """One line of a document that comes or goes."""

    added: bool
    what: str
    value: str


class ChangeDocument(Document):
    """What differs, and how the DID stands afterwards."""

    differences: list[DifferenceDocument]
    did: MyDid | None = Field(description="None where nothing was written.")

    @classmethod
    def of(cls, changed: Changed) -> Self:
        """Return what is answered with."""
        return cls(
            differences=[
                DifferenceDocument(added=each.added, what=each.what, value=each.value)
                for each in changed.differences
            ],
            did=None if changed.mine is None else MyDid.of(changed.mine),
        )


class ConfirmedDid(Document):
    """What a comparison with the newest log showed."""

    did: MyDid
    adopted: list[VersionId]


class PlanDocument(Document):
    """What a recovery goes back to, and what it drops."""

    did: Did
    previous: VersionId
    nullified: list[VersionId]
    epoch: int = Field(ge=1, description="The number of recoveries with this one.")
    adopted: bool = Field(description="Whether the DID is new to this node.")

    @classmethod
    def of(cls, plan: RecoveryPlan) -> Self:
        """Return what is answered with."""
        return cls(
            did=plan.did,
            previous=plan.previous.version_id,
            nullified=[entry.version_id for entry in plan.nullified],
            epoch=plan.epoch,
            adopted=plan.adopted,
        )


class RecoveredDid(Document):
    """A DID that its person has back: new keys, and an entry that beats every other one."""

    plan: PlanDocument
    did: MyDid


class RehearsalDocument(Document):
    """What a phrase is good for. Nothing was written."""

    did: Did
    fits: bool = Field(description="Whether it recovers the DID.")
    opens: bool = Field(description="Whether it opens the vault; only its maker’s can.")


def history_document(history: History) -> HistoryDocument:
    """Return what the log of a DID says."""
    return HistoryDocument(**_history(history))


def _history(history: History) -> dict[str, Any]:
    found = history.document
    return {
        "did": history.did,
        "version_id": history.head.version_id,
        "created_at": history.path[0].time,
        "updated_at": history.head.time,
        "epoch": history.epoch,
        "deactivated": history.deactivated,
        "equivocation": history.equivocation,
        "document": None if found is None else dict(found),
        "mirrors": list(history.in_force.mirrors),
    }


def _mine(mine: Mine) -> dict[str, Any]:
    return _history(mine.history) | {
        "own_head": mine.own_head,
        "confirmed": mine.confirmed,
        "writable": mine.writable,
        "elsewhere": [entry.version_id for entry in mine.elsewhere],
        "ahead": mine.ahead,
        "names_node": mine.names_node,
    }
