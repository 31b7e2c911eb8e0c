"""The action that a passkey confirms is the request itself, and no other."""

import json

import pytest
from starlette.types import Message

from mnemosyne.http.bodies import StrictRequest
from mnemosyne.http.step_up import action_of, hash_of


def request(
    method: str = "POST", path: str = "/v1/erasures", query: bytes = b"", body: bytes = b""
) -> StrictRequest:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(b"host", b"mnemosyne.localhost:8760")],
        "server": ("127.0.0.1", 8760),
        "scheme": "http",
    }
    return StrictRequest(scope, receive)


async def test_the_action_is_method_path_query_and_body_as_they_are_sent() -> None:
    sent = request(query=b"a=1&b=&a=2", body=b'{"memories": ["x"]}')

    assert await action_of(sent) == {
        "method": "POST",
        "path": "/v1/erasures",
        "query": {"a": ["1", "2"], "b": [""]},
        "body": {"memories": ["x"]},
    }


async def test_a_request_without_a_body_confirms_null() -> None:
    assert (await action_of(request("DELETE")))["body"] is None


@pytest.mark.parametrize(
    "other",
    [
        request("PUT", body=b'{"a":1}'),
        request(path="/v1/erasures/x", body=b'{"a":1}'),
        request(query=b"a=1", body=b'{"a":1}'),
        request(body=b'{"a":2}'),
        request(body=b'{"a":1,"b":1}'),
        request(body=b'{"a":"1"}'),
        request(),
    ],
)
async def test_anything_else_has_another_hash(other: StrictRequest) -> None:
    confirmed = await action_of(request(body=b'{"a":1}'))

    assert hash_of(await action_of(other)) != hash_of(confirmed)


async def test_how_json_is_written_does_not_matter() -> None:
    body = {"b": [1, 2], "a": "é"}
    written = json.dumps(body, ensure_ascii=True, indent=3).encode()
    plain = json.dumps(dict(sorted(body.items())), ensure_ascii=False).encode()

    one, other = await action_of(request(body=written)), await action_of(request(body=plain))

    assert hash_of(one) == hash_of(other)
