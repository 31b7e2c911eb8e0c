"""The keyring of the system keeps an entry, or says why it cannot."""

import sys

import pytest

from mnemosyne.adapters.keyrings.of_the_system import KeyringOfTheSystem
from mnemosyne.kit.vault.system_keyring import KeyringEntry, KeyringUnavailableError
from tests.doubles import KeyringLibrary
from tests.requirements import requirement


def install(patch: pytest.MonkeyPatch, library: KeyringLibrary) -> KeyringLibrary:
    patch.setitem(sys.modules, "keyring", library)
    patch.setitem(sys.modules, "keyring.errors", library.errors)
    return library


def test_an_entry_is_stored_found_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    library = install(monkeypatch, KeyringLibrary())
    keyring, entry = KeyringOfTheSystem(), KeyringEntry.generate()

    assert keyring.read(entry.name) is None
    keyring.write(entry)

    assert keyring.read(entry.name) == entry
    assert list(library.entries) == [("mnemosyne", entry.name)]
    assert keyring.delete(entry.name) is True
    assert keyring.delete(entry.name) is False
    assert library.entries == {}


def test_an_entry_shows_its_bytes_in_no_representation() -> None:
    entry = KeyringEntry.generate()

    assert entry.material.hex() not in repr(entry)
    assert str(entry.material) not in repr(entry)
    assert len(entry.material) == 32


@pytest.mark.parametrize("text", ["", "no digits", "00" * 31, "00" * 33])
def test_what_this_program_did_not_store_is_no_entry(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    library = install(monkeypatch, KeyringLibrary())
    library.entries["mnemosyne", "a"] = text

    assert KeyringOfTheSystem().read("a") is None


@requirement("vault.slots.keyring")
@pytest.mark.parametrize(
    "kind", ["keyring.backends.fail", "keyring.backends.null", "keyrings.alt.file"]
)
def test_a_backend_that_keeps_no_secret_is_no_keyring(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    install(monkeypatch, KeyringLibrary(kind))
    keyring, entry = KeyringOfTheSystem(), KeyringEntry.generate()

    for use in (
        lambda: keyring.read(entry.name),
        lambda: keyring.write(entry),
        lambda: keyring.delete(entry.name),
    ):
        with pytest.raises(KeyringUnavailableError, match="cannot be used") as refused:
            use()
        assert "none that keeps secrets" in refused.value.why
        assert "passphrase" in refused.value.hint


@requirement("vault.slots.keyring")
def test_a_missing_library_and_a_locked_keyring_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "keyring", None)  # not installed
        with pytest.raises(KeyringUnavailableError) as missing:
            KeyringOfTheSystem().read("a")
    library = install(monkeypatch, KeyringLibrary())
    library.locked = True
    with pytest.raises(KeyringUnavailableError) as locked:
        KeyringOfTheSystem().read("a")

    assert "extra `keyring`" in missing.value.why
    assert locked.value.why == "It says: the collection is locked."


def test_a_keyring_that_forgets_is_found_when_an_entry_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = install(monkeypatch, KeyringLibrary())
    monkeypatch.setattr(library, "set_password", lambda *_: None)

    with pytest.raises(KeyringUnavailableError, match="cannot be used"):
        KeyringOfTheSystem().write(KeyringEntry.generate())
