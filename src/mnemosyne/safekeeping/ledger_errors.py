"""What can be wrong with an erasure ledger."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class LedgerRefusedError(MnemosyneError):
    """A file that should be an erasure ledger of this vault is not one that can be trusted."""

    code = "ledger-refused"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the erasure ledger {path} was refused",
            why=f"{why}.",
            hint="Bring the ledger that lies beside the newest backup of this vault.",
        )
        self.path = path


class LedgerMissingError(MnemosyneError):
    """Nobody can say what was erased after a backup was taken."""

    code = "ledger-missing"

    def __init__(self, places: tuple[Path, ...], refused: tuple[LedgerRefusedError, ...]) -> None:
        looked = ", ".join(map(str, places))
        found = f" Refused: {'; '.join(f'{each} ({each.why})' for each in refused)}"
        super().__init__(
            "there is no erasure ledger, so later erasures cannot be known",
            why=f"None was found in {looked}.{found if refused else ''}",
            hint="Bring the ledger from another place where backups lie, or restore with "
            "--without-ledger: what was erased since this backup then comes back.",
        )
        self.places = places
        self.refused = refused
