"""What the environment may say: where things lie, and never a secret."""

import re

import pytest

from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from mnemosyne.kit.vault.slots import KeySlots
from mnemosyne.settings import PREFIX, Settings
from tests.cli.conftest import PASSPHRASE, Cli, Made
from tests.requirements import requirement

NAMES = ("PASSPHRASE", "PASSWORD", "KEY", "SECRET", "PHRASE", "DATABASE_KEY", "ROOT_KEY")


@pytest.fixture
def locked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Be on a machine without a terminal, where no key file is set."""
    monkeypatch.delenv("MNEMOSYNE_KEY_FILE")
    return cli


def secrets(vault: Made) -> dict[str, str]:
    key_file = read_key_file(vault.key_file, KeyFileRules(vault.home))
    root = KeySlots(VaultHome(vault.home)).unlock(key_file)
    return {
        "passphrase": PASSPHRASE,
        "phrase": vault.phrase,
        "key file": vault.key_file.read_text("ascii"),
        "database key": root.database_key().hex(),
    }


@requirement("vault.slots.no-environment-key")
@pytest.mark.parametrize("secret", ["passphrase", "phrase", "key file", "database key"])
def test_no_setting_takes_a_secret(
    locked: Cli, vault: Made, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    value = secrets(vault)[secret]
    for name in Settings.model_fields:
        with monkeypatch.context() as patched:
            patched.setenv(PREFIX + name.upper(), value)

            answer = locked("list")

        assert answer.code != 0, name
        assert answer.out == ""


@requirement("vault.slots.no-environment-key")
@pytest.mark.parametrize("name", NAMES)
def test_a_variable_that_looks_as_if_it_opened_the_vault_is_refused_by_name(
    locked: Cli, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(PREFIX + name, PASSPHRASE)

    answer = locked("list")

    assert answer.code == 2
    assert PREFIX + name in answer.err
    assert PASSPHRASE not in answer.err


@requirement("vault.slots.no-environment-key")
def test_without_the_prefix_a_variable_is_not_even_read(
    locked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, PASSPHRASE)

    answer = locked("list")

    assert answer.code == 2
    assert re.search("terminal", answer.err)
