"""What is said of a backup: in a list, after a verification, and as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from mnemosyne.cli import moments
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.safekeeping.store import KnownBackup
    from mnemosyne.safekeeping.verify import Verdict


def show_backups(shell: Shell, backups: Sequence["KnownBackup"]) -> None:
    """Print backups one below the other: when, where, whether proven, how long kept."""
    zone = shell.node.zone
    for each in backups:
        taken = f"{moments.show_at(each.taken_at, zone):<{moments.WIDTH}}"
        proven = "proven" if each.verified_at else "not proven"
        expires = moments.show_at(each.expires_at, zone)
        shell.page.line(Text(taken, "date"), "  ", said(flat(str(each.path))))
        shell.page.body(Text(f"{proven}, kept until {expires}", "quiet"), indent=moments.WIDTH + 2)


def show_verdict(shell: Shell, verdict: "Verdict") -> None:
    """Print which backup it is and how much it holds."""
    zone = shell.node.zone
    memories = verdict.rows.get("memory", 0)
    shell.page.fields(
        [
            ("file", flat(str(verdict.path))),
            ("taken", moments.show_at(verdict.taken_at, zone)),
            ("number", str(verdict.counter)),
            ("memories", f"{memories:,}"),
            ("size", f"{verdict.size:,} bytes"),
            ("kept until", moments.show_at(verdict.expires_at, zone)),
            ("made by", f"version {flat(verdict.app_version)}"),
        ]
    )


def backup(known: "KnownBackup") -> dict[str, object]:
    """Return a backup that the vault knows of."""
    return {
        "path": str(known.path),
        "number": known.counter,
        "taken_at": known.taken_at.isoformat(),
        "expires_at": known.expires_at.isoformat(),
        "verified_at": moments.written(known.verified_at),
        "size": known.size,
        "sha256": known.digest,
    }


def verdict_document(verdict: "Verdict") -> dict[str, object]:
    """Return what a verification found."""
    return {
        "path": str(verdict.path),
        "vault_id": verdict.vault_id,
        "number": verdict.counter,
        "taken_at": verdict.taken_at.isoformat(),
        "expires_at": verdict.expires_at.isoformat(),
        "app_version": verdict.app_version,
        "schema_revision": verdict.schema_revision,
        "rows": dict(verdict.rows),
        "size": verdict.size,
        "sha256": verdict.digest,
    }
