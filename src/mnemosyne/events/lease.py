"""Which process leads the work: a lease by a clock that nobody can set back, with a fence."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from mnemosyne.kit.database import metadata
from mnemosyne.kit.errors import MnemosyneError

LEASE_SECONDS: Final = 15.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("boot", String(64), nullable=False),
    Column("until", Float, nullable=False),
)


_LEASE: Final = select(lease).where(lease.c.name == bindparam("name"))
_TAKE: Final = (
    update(lease)
    .where(lease.c.name == bindparam("b_name"))
    .values({name: bindparam(name) for name in ("holder", "fence", "boot", "until")})
)
_FENCE: Final = select(lease.c.fence).where(lease.c.name == bindparam("name"))
_RELEASE: Final = (
    update(lease)
    .where(lease.c.name == bindparam("b_name"), lease.c.fence == bindparam("b_fence"))
    .values(until=0.0)
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to lead; ``fence`` grows with each new leader and is checked with each result."""

    name: str
    holder: str
    fence: int


class LeaseLostError(MnemosyneError):
    """Another process took the lead, so this result is not written."""

    code = "lease-lost"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"another process leads “{name}” now",
            why="This one was asleep for longer than its lease.",
            hint="Nothing to do: the work goes on there.",
        )
        self.name = name


def boot_identity() -> str:
    """Return what tells this boot of the machine from another; monotonic time restarts with it."""
    if _BOOT_ID.exists():
        return _BOOT_ID.read_text("ascii").strip()
    # Where the kernel names no boot: the minute it began. A clock that is set meanwhile frees
    # the lease early, and the fence keeps the loser's results out.
    return f"minute-{round((time.time() - time.monotonic()) / 60)}"


def acquire(
    tx: Connection, name: str, holder: str, *, boot: str, now: float | None = None
) -> Lease | None:
    """Take or renew the lease; None while another process holds it. ``now`` is monotonic."""
    moment = time.monotonic() if now is None else now
    row = tx.execute(_LEASE, {"name": name}).one_or_none()
    until = moment + LEASE_SECONDS
    if row is None:
        tx.execute(insert(lease).values(name=name, holder=holder, fence=1, boot=boot, until=until))
        return Lease(name, holder, 1)
    free = row.boot != boot or row.until <= moment
    if row.holder != holder and not free:
        return None
    fence = row.fence if row.holder == holder and not free else row.fence + 1
    tx.execute(
        _TAKE,
        {"b_name": name, "holder": holder, "fence": fence, "boot": boot, "until": until},
    )
    return Lease(name, holder, fence)


def require(tx: Connection, held: Lease) -> None:
    """Refuse to write a result under a lease that another process took over.

    Raises:
        LeaseLostError: the fence has moved on.
    """
    current = tx.execute(_FENCE, {"name": held.name}).scalar()
    if current != held.fence:
        raise LeaseLostError(held.name)


def release(tx: Connection, held: Lease) -> None:
    """Give the lease back, so that the next process need not wait for its end."""
    tx.execute(_RELEASE, {"b_name": held.name, "b_fence": held.fence})
