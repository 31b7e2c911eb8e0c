"""What was done to a vault stands in its record, or it was not done."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mnemosyne.audit import store as audit
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.memories.model import Filter, Memory
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.restore import Restoration
from mnemosyne.safekeeping.selection import Selection
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import PASSPHRASE, Vault, open_vault

Act = Callable[[Vault, Memory, Path], Awaitable[object]]

FILE = "written"
"""What an act that writes a file calls it."""


def archives(vault: Vault) -> Archives:
    return Archives(
        vault.database,
        OpenVault(vault.home, vault.root, vault.identity),
        PROVIDERS,
        vault.clock,
    )


async def export(vault: Vault, _memory: Memory, folder: Path) -> None:
    selection = Selection(vault.database, vault.clock)
    await selection.export(vault.principal, Filter(), folder / FILE, redacted=True)


ACTS: dict[str, Act] = {
    "forget": lambda v, m, _: v.bin.forget(v.principal, [m.id]),
    "erase": lambda v, m, _: v.erase(m),
    "export": export,
    "archive": lambda v, _, folder: archives(v).write(v.principal, folder / FILE),
    "backup": lambda v, _, folder: v.back_up(folder),
}


async def types(vault: Vault) -> list[str]:
    return [each.type for each in await vault.audit.entries(vault.principal)]


@requirement("audit.acts")
@pytest.mark.parametrize("act", ACTS)
async def test_each_act_makes_one_entry(vault: Vault, shelf: Path, act: str) -> None:
    memory = await vault.remember("The quince tree blooms.")
    before = await types(vault)

    await ACTS[act](vault, memory, shelf)

    after = await types(vault)
    assert after[-len(before) - 1 :] == [act, *before]
    # An erase has a second one, of its completion, for the receipt.
    assert after[: -len(before) - 1] == (["erased"] if act == "erase" else [])


@requirement("audit.acts")
@pytest.mark.parametrize("act", ACTS)
async def test_an_act_that_cannot_be_recorded_is_not_done(
    vault: Vault, shelf: Path, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = await vault.remember("The quince tree blooms.")
    before = await types(vault)

    def fail(*_arguments: object) -> int:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "append", fail)
        with pytest.raises(RuntimeError):
            await ACTS[act](vault, memory, shelf)

    assert await types(vault) == before
    assert await vault.texts() == ["The quince tree blooms."]
    assert not (shelf / FILE).exists()
    known = await vault.backups.known(vault.principal)
    assert [each for each in known if each.verified_at is not None] == []


@requirement("audit.acts")
async def test_a_restore_stands_in_the_record_of_the_vault_that_it_gave_back(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.remember("The quince tree blooms.")
    made = await vault.back_up(shelf)
    home = VaultHome(tmp_path / "another machine" / "vault")

    def fail(*_arguments: object) -> int:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "append", fail)
        with pytest.raises(RuntimeError):
            Restoration(home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE)
    assert not home.exists()

    Restoration(home, PROVIDERS, clock).restore(made.backup.path, PASSPHRASE)

    there = open_vault(home, clock)
    assert (await types(there))[0] == "restore"
    there.close()
