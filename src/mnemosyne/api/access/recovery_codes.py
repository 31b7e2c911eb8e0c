"""The recovery codes of whoever is signed in: how many are left, and new ones."""

from typing import Self

from pydantic import Field

from mnemosyne.accounts.store_recovery_codes import CodesLeft
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Moment
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

recovery_codes = Operations("recovery codes")
_STORING = ("database-busy", "storage-full", "commit-unknown", "record-gone")


class RecoveryCodesDocument(Document):
    """What is left of your recovery codes; the codes themselves are kept nowhere."""

    left: int = Field(ge=0)
    made: int = Field(ge=0)
    created_at: Moment | None
    acknowledged: bool = Field(description="Whether you have said that you keep them.")

    @classmethod
    def of(cls, found: CodesLeft) -> Self:
        """Return what is left as a document."""
        return cls(
            left=found.left,
            made=found.made,
            created_at=found.created_at,
            acknowledged=found.acknowledged,
        )


class FreshCodesDocument(Document):
    """Ten new recovery codes, which are shown this once; earlier ones work no more."""

    codes: list[str]


@recovery_codes.get(
    "/v1/recovery-codes",
    admits=needs(Scope.ACCOUNT_MANAGE),
    refuses=("database-busy", "read-too-long"),
)
async def read_recovery_codes(caller: Caller, node: Node) -> RecoveryCodesDocument:
    """Tell how many recovery codes are left."""
    return RecoveryCodesDocument.of(await node.recovery_codes.left(caller))


@recovery_codes.post(
    "/v1/recovery-codes",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    refuses=("busy-now", "read-too-long", *_STORING),
    status=201,
)
async def make_recovery_codes(caller: Caller, node: Node) -> FreshCodesDocument:
    """Make ten new recovery codes in place of those you had."""
    return FreshCodesDocument(codes=list(await node.recovery_codes.generate(caller)))


@recovery_codes.post(
    "/v1/recovery-codes/acknowledge", admits=needs(Scope.ACCOUNT_MANAGE), refuses=_STORING
)
async def acknowledge_recovery_codes(caller: Caller, node: Node) -> RecoveryCodesDocument:
    """Say that you keep your recovery codes."""
    return RecoveryCodesDocument.of(await node.recovery_codes.acknowledge(caller))
