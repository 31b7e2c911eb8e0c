"""One key of the node signs everything that leaves the vault and has to be believed."""

import io
import json
from pathlib import Path

import pytest

from mnemosyne.audit.service import verify_receipt
from mnemosyne.bootstrap import PROVIDERS
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.signing import SigningKey
from mnemosyne.kit.crypto.stream import decrypt, encrypt, read_header
from mnemosyne.safekeeping import ledger, sealed_backup
from mnemosyne.safekeeping.archive import Archives
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.backup_errors import BackupDamagedError, BackupDiffersError
from mnemosyne.safekeeping.ledger_errors import LedgerRefusedError
from mnemosyne.safekeeping.verify import Verification
from tests.clock import SetClock
from tests.requirements import requirement
from tests.safekeeping.vault import Vault, make_vault, open_vault

LABEL = "mnemosyne/backup/1"
PREFIX = b"mnemosyne-backup/1\n"


@requirement("vault.node-key")
async def test_receipts_archives_backups_and_the_ledger_are_signed_by_one_key(
    vault: Vault, shelf: Path, tmp_path: Path
) -> None:
    key = vault.identity.node_key
    gone = await vault.remember("Gone.")
    made = await vault.back_up(shelf)
    await vault.erase(gone)
    opening = OpenVault(vault.home, vault.root, vault.identity)
    archive = await Archives(vault.database, opening, PROVIDERS, vault.clock).write(
        vault.principal, tmp_path / "all.mnemosyne"
    )

    receipt = await vault.audit.receipt(vault.principal, 1)
    opened = sealed_backup.unpack(made.backup.path, vault.root, tmp_path / "copy.db")

    assert verify_receipt(receipt) == key.fingerprint
    assert archive.verdict.fingerprint == key.fingerprint
    assert opened.manifest.contents.node_key == key.public.hex()
    path = shelf / ledger.file_name(vault.identity.vault_id)
    assert len(ledger.read(path, vault.root, vault.identity).entries) == 1


@requirement("vault.node-key")
async def test_a_ledger_signed_by_another_node_is_refused(
    vault: Vault, shelf: Path, tmp_path: Path, clock: SetClock
) -> None:
    stranger = open_vault(make_vault(tmp_path / "stranger", clock), clock)
    ledger.write(
        shelf, ledger.Ledger(vault.identity.vault_id, 0, ()), vault.root, stranger.identity
    )
    stranger.close()

    with pytest.raises(LedgerRefusedError):
        ledger.read(shelf / ledger.file_name(vault.identity.vault_id), vault.root, vault.identity)


@requirement("vault.node-key")
async def test_a_backup_sealed_with_the_right_key_and_signed_with_another_is_refused(
    vault: Vault, shelf: Path, tmp_path: Path
) -> None:
    made = await vault.back_up(shelf)
    path = made.backup.path
    length, stated, signature, database = parts(path, vault)
    forged = SigningKey.generate().sign(PREFIX + stated)
    for changed in (forged, bytes(64), signature[:-1] + bytes([signature[-1] ^ 1])):
        reseal(path, vault, length + stated + changed + database)

        with pytest.raises(BackupDamagedError) as refused:
            sealed_backup.unpack(path, vault.root, tmp_path / f"{changed.hex()[:8]}.db")

        assert "did not sign" in refused.value.why


@requirement("vault.node-key")
async def test_a_backup_signed_by_a_key_that_is_not_in_its_database_is_refused(
    vault: Vault, shelf: Path
) -> None:
    path = (await vault.back_up(shelf)).backup.path
    stranger = SigningKey.generate()
    _, stated, _, database = parts(path, vault)
    whole = json.loads(stated)
    whole["contents"]["node_key"] = stranger.public.hex()
    claimed = canonical_json(whole)
    signed = claimed + stranger.sign(PREFIX + claimed)
    reseal(path, vault, len(claimed).to_bytes(4, "big") + signed + database)

    with pytest.raises(BackupDiffersError) as refused:
        Verification(PROVIDERS, vault.home).verify(path, vault.root)

    assert "node_key" in refused.value.why


def parts(path: Path, vault: Vault) -> tuple[bytes, bytes, bytes, bytes]:
    plain = io.BytesIO()
    with path.open("rb") as file:
        decrypt(file, plain, key=vault.root.derive(LABEL))
    content = plain.getvalue()
    end = 4 + int.from_bytes(content[:4], "big")
    return content[:4], content[4:end], content[end : end + 64], content[end + 64 :]


def reseal(path: Path, vault: Vault, content: bytes) -> None:
    with path.open("rb") as file:
        header = read_header(file)
    sealed = io.BytesIO()
    encrypt(io.BytesIO(content), sealed, key=vault.root.derive(LABEL), header=header)
    path.write_bytes(sealed.getvalue())
