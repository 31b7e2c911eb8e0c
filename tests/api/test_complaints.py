"""What does not fit a schema is told in plain sentences, without words of the validator."""

import re
from typing import Any

import pytest

from tests.api.remembering import keyed
from tests.serving import Served

LIBRARY = re.compile(r"Value error|Extra inputs|Field required|should|pattern|\^|\$|valid ")


@pytest.mark.parametrize(
    ("method", "path", "sent", "said"),
    [
        ("GET", "/v1/memories?limit=0", {}, "It is less than 1."),
        ("GET", "/v1/memories?limit=many", {}, "It is not a whole number."),
        ("GET", "/v1/memories?history=perhaps", {}, "It is neither true nor false."),
        ("GET", "/v1/memories?order=height", {}, "It is not one of `time`, `oldest`, "),
        ("GET", "/v1/memories?after=monday", {}, "A moment is written as RFC 3339 has it"),
        ("GET", "/v1/memories?tag=lake", {}, "POST /v1/list"),
        ("GET", "/v1/memories?colour=red", {}, "It is not known here."),
        ("GET", "/v1/memories/short", {}, "32 hexadecimal digits"),
        ("POST", "/v1/memories", {"json": {}}, "It is missing."),
        ("POST", "/v1/memories", {"json": {"content": 7}}, "It is not a text."),
        ("POST", "/v1/memories", {"json": {"content": "x", "tags": "y"}}, "It is not a list."),
        ("POST", "/v1/memories", {"json": {"content": "x", "occurred": 1}}, "It is not an object."),
        ("POST", "/v1/memories", {"json": {"content": "x", "z": 1}}, "It is not known here."),
        ("POST", "/v1/imports", {"content": b"x"}, "Z%C3%BCrich.md"),
    ],
)
async def test_each_difference_is_a_plain_sentence(
    served: Served, method: str, path: str, sent: dict[str, Any], said: str
) -> None:
    ada = await served.as_person(served.ada)
    headers = keyed()
    if path == "/v1/imports":
        headers = {"Content-Type": "application/octet-stream", "File-Name": "a b.md"}

    answer = await ada.request(method, path, headers=headers, **sent)

    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert said in error["message"]
    assert not LIBRARY.search(error["message"])
