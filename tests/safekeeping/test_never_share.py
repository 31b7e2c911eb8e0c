"""What must never be shared is marked so wherever it comes back from."""

from pathlib import Path

import pytest

from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.memories.model import Filter
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.restore import Restoration
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import FAST, PASSPHRASE, Vault, make_vault, open_vault

SEALING = Passphrase("another-unlikely-string-of-words")
MARKS = {"Private.": True, "For everybody.": False}


@pytest.fixture
async def marked(vault: Vault) -> Vault:
    for text, mark in MARKS.items():
        await vault.remember(text, never_share=mark)
    return vault


async def marks(vault: Vault) -> dict[str, bool]:
    page = await vault.memories.page(vault.principal, Filter())
    return {each.content: each.never_share for each in page.items}


def archives(vault: Vault) -> Archives:
    opening = OpenVault(vault.home, vault.root, vault.identity)
    return Archives(vault.database, opening, PROVIDERS, vault.clock)


@requirement("never-share.mark")
@pytest.mark.parametrize("passphrase", [None, SEALING], ids=["plain", "sealed"])
async def test_the_mark_survives_an_archive(
    marked: Vault, tmp_path: Path, clock: SetClock, passphrase: Passphrase | None
) -> None:
    path = tmp_path / "all.mnemosyne"
    await archives(marked).write(marked.principal, path, passphrase, FAST)
    other = open_vault(make_vault(tmp_path / "other", clock), clock)

    await archives(other).take_over(other.principal, path, passphrase)

    assert await marks(other) == MARKS
    other.close()


@requirement("never-share.mark")
async def test_the_mark_survives_a_restore(
    marked: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    made = await marked.back_up(shelf)
    home = VaultHome(tmp_path / "another machine" / "vault")

    Restoration(home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(home, clock)
    assert await marks(there) == MARKS
    there.close()
