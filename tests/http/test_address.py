"""One origin by name: what browsers send as Host and Origin, and what passkeys belong to."""

import pytest

from mnemosyne.http.address import Address, AddressUnusableError, is_of_this_machine
from tests.requirements import requirement


@pytest.mark.parametrize(
    ("text", "origin", "authority", "rp"),
    [
        ("http://localhost:8760", "http://localhost:8760", "localhost:8760", "localhost"),
        ("http://LOCALHOST:80/", "http://localhost", "localhost", "localhost"),
        ("https://node.example", "https://node.example", "node.example", "node.example"),
        ("https://node.example:443", "https://node.example", "node.example", "node.example"),
        ("https://node.example:80", "https://node.example:80", "node.example:80", "node.example"),
        (
            "http://mnemosyne.localhost:1",
            "http://mnemosyne.localhost:1",
            "mnemosyne.localhost:1",
            "mnemosyne.localhost",
        ),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(
    text: str, origin: str, authority: str, rp: str
) -> None:
    found = Address.parse(text)

    assert found.origin == found.relying_party.origin == origin
    assert found.authority == authority
    assert found.relying_party.id == rp
    assert found.secure is text.startswith("https")


@requirement("serving.one-name")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "node.example",
        "ftp://node.example",
        "http://node.example",
        "http://localhost.attacker.example",
        "https://127.0.0.1",
        "https://2130706433",
        "https://[::1]:8760",
        "https://node.example/path",
        "https://node.example?x=1",
        "https://node.example#x",
        "https://a@node.example",
        "https://node.example:99999",
        "https://no de.example",
        "https://node_a.example",
        "https://",
    ],
)
def test_what_no_passkey_could_belong_to_is_refused(text: str) -> None:
    with pytest.raises(AddressUnusableError) as refused:
        Address.parse(text)

    assert refused.value.why
    assert refused.value.hint


def test_names_of_this_machine_are_told_from_those_that_look_like_it() -> None:
    assert is_of_this_machine("localhost")
    assert is_of_this_machine("a.b.localhost")
    assert not is_of_this_machine("notlocalhost")
    assert not is_of_this_machine("localhost.example")
