import pytest

from mnemosyne.http.clients import Proxies, ProxyUnusableError
from tests.requirements import requirement

NGINX = Proxies.parse(["127.0.0.1", "10.0.0.0/24"])


def client(peer: str | None, *forwarded: str, proxies: Proxies | None = None) -> str:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {"type": "http", "client": peer and (peer, 50_000), "headers": headers}
    return (proxies or Proxies()).client_of(scope)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "::ffff:c000:201", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:0DB8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("not an address", "another", False),
    ],
)
@requirement("serving.limits")
def test_a_client_is_an_address_or_its_network(one: str, other: str, *, same: bool) -> None:
    assert (client(one) == client(other)) is same


@requirement("serving.limits")
def test_what_a_request_says_of_itself_is_not_believed() -> None:
    assert client("198.51.100.7", "192.0.2.1") == "198.51.100.7"
    assert client("198.51.100.7", "192.0.2.1", proxies=NGINX) == "198.51.100.7"


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1"], "192.0.2.1"),  # the left part came from the client
        (["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1, 10.0.0.5"], "192.0.2.1"),  # through two proxies of ours
        (["127.0.0.1, 10.0.0.5"], "127.0.0.1"),
        (["192.0.2.1:4711"], "192.0.2.1"),
        (["[2001:db8::1]:4711"], "2001:db8::/64"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1, unknown"], "127.0.0.1"),
        (["192.0.2.1, "], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
@requirement("serving.limits")
def test_a_named_proxy_is_believed_as_far_as_it_wrote(forwarded: list[str], expected: str) -> None:
    assert client("127.0.0.1", *forwarded, proxies=NGINX) == expected


def test_on_a_local_socket_everybody_is_one_client() -> None:
    assert client(None, "192.0.2.1") == ""


def test_a_proxy_is_named_by_address() -> None:
    with pytest.raises(ProxyUnusableError) as refused:
        Proxies.parse(["nginx"])

    assert refused.value.text == "nginx"
    assert "127.0.0.1" in refused.value.hint
