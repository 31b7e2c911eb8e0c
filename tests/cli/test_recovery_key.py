"""Of the recovery phrase a node keeps one hash, and nothing from which more could be had."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.accounts import store as accounts
from mnemosyne.application import Application
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.database import metadata
from mnemosyne.kit.vault.phrase import Phrase, parse_phrase
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.requirements import requirement


@pytest.fixture
def made(bare: Cli, environment: Path) -> tuple[Cli, Made, Phrase]:
    """Make a vault as a script does, with its phrase in a file."""
    key, phrase = environment / "keys" / "vault.key", environment / "phrase"
    key.parent.mkdir()
    bare.ok("init", "--key-file", str(key), "--phrase-out", str(phrase))
    return bare, Made(environment, ""), parse_phrase(phrase.read_text("ascii"))


async def everything(app: Application) -> str:
    """Return every value of every table, bytes as hexadecimal digits."""

    def read(tx: Connection) -> str:
        rows = [
            row
            for name in metadata.tables
            for row in tx.execute(text(f"SELECT * FROM {name}"))  # noqa: S608 - our names
        ]
        return "\n".join(
            value.hex() if isinstance(value, bytes) else str(value) for row in rows for value in row
        )

    return await app.database.read(read)


@requirement("vault.slots.recovery-hash")
def test_the_node_keeps_the_hash_of_recovery_key_0_alone(made: tuple[Cli, Made, Phrase]) -> None:
    cli, vault, phrase = made

    async def kept(app: Application) -> str:
        person = await app.database.read(accounts.first)
        assert person is not None
        return person.recovery_key_hash

    assert with_services(vault, cli.clock, kept) == phrase.recovery_key_hash(0)
    stored = with_services(vault, cli.clock, everything)
    assert stored.count(phrase.recovery_key_hash(0)) == 1
    slots = (vault.home / "vault.slots").read_bytes()
    for index in (0, 1):
        public = phrase.recovery_public_key(index)
        for form in (public.hex(), encode_multikey(public)):
            assert form not in stored
            assert form.encode() not in slots
        assert public not in slots
    assert phrase.recovery_key_hash(1) not in stored
    assert phrase.words[0] + " " + phrase.words[1] not in stored
