"""Where a node may listen and what it may be called: refused before anything is opened."""

import pytest

from mnemosyne.entrypoints.place import (
    HostUnusableError,
    OpenToOthersError,
    Place,
    PublicUrlMissingError,
)
from mnemosyne.http.address import AddressUnusableError
from mnemosyne.http.clients import ProxyUnusableError
from mnemosyne.kit.errors import MnemosyneError
from tests.requirements import requirement


def place(host: str = "127.0.0.1", **more: object) -> Place:
    return Place.of(host=host, port=8760, **more)  # type: ignore[arg-type] # as the test says


@requirement("serving.loopback")
def test_a_node_of_this_machine_has_a_name_of_its_own_and_takes_both_loopback_addresses() -> None:
    found = place()

    assert found.hosts == ("127.0.0.1", "::1")
    assert found.address(8760).origin == "http://mnemosyne.localhost:8760"
    assert found.address(8760).relying_party.id == "mnemosyne.localhost"
    assert found.remarks(8760) == ()


@requirement("serving.loopback")
@pytest.mark.parametrize("host", ["192.168.1.20", "::", "2001:db8::1"])
def test_beyond_this_machine_there_is_tls_or_a_proxy_or_nothing(host: str) -> None:
    with pytest.raises(OpenToOthersError) as refused:
        place(host, public_url="https://node.example")

    assert "--tls-cert" in refused.value.hint
    assert "--behind-proxy" in refused.value.hint
    assert place(host, public_url="https://node.example", tls=True).tls
    assert place(host, public_url="https://node.example", behind_proxy=["10.0.0.2"]).proxied


@pytest.mark.parametrize("more", [{"tls": True, "host": "::"}, {"behind_proxy": ["10.0.0.2"]}])
def test_a_node_that_others_reach_is_told_its_name(more: dict[str, object]) -> None:
    with pytest.raises(PublicUrlMissingError) as refused:
        place(**more)  # type: ignore[arg-type] # as the test says

    assert "MNEMOSYNE_PUBLIC_URL" in refused.value.hint


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("http://node.example", {}),  # plain beyond the machine
        ("http://node.example", {"tls": True}),
        ("http://mnemosyne.localhost:8760", {"tls": True}),
        ("https://node.example", {}),  # who would have the certificate?
        ("http://localhost:8760", {"host": "::", "behind_proxy": ["10.0.0.2"]}),
        ("https://127.0.0.1", {"tls": True}),
        ("https://[::1]", {"tls": True}),
        ("https://node.example/mnemosyne", {"tls": True}),
        ("https://user@node.example", {"tls": True}),
        ("node.example", {"tls": True}),
    ],
)
def test_an_address_that_browsers_would_keep_no_passkey_for_is_refused(
    url: str, more: dict[str, object]
) -> None:
    with pytest.raises(AddressUnusableError):
        place(public_url=url, **more)  # type: ignore[arg-type] # as the test says


@pytest.mark.parametrize("host", ["mnemosyne.localhost", "node.example", "", "127.0.0.1:80"])
def test_what_is_listened_on_is_said_by_address(host: str) -> None:
    with pytest.raises(HostUnusableError):
        place(host)


def test_a_proxy_is_named_by_address() -> None:
    with pytest.raises(ProxyUnusableError):
        place(public_url="https://node.example", behind_proxy=["proxy.example"])


def test_a_port_that_differs_from_that_of_the_address_is_told() -> None:
    assert "8760" in place(public_url="http://localhost").remarks(8760)[0]
    behind = place(public_url="https://node.example", behind_proxy=["127.0.0.1"])
    assert behind.remarks(8760) == ()


@pytest.mark.parametrize(
    "error", [OpenToOthersError("::"), PublicUrlMissingError(), HostUnusableError("x")]
)
def test_each_refusal_says_why_and_what_to_do(error: MnemosyneError) -> None:
    assert error.why
    assert error.hint
