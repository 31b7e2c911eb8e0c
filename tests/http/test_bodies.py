"""Bodies: counted while they come, and JSON that can be read in one way only."""

import asyncio
import threading

import pytest
from starlette.types import Message

from mnemosyne.http.aside import LARGE, aside
from mnemosyne.http.bodies import (
    DEEPEST,
    MOST_VALUES,
    BodyCutOffError,
    BodyTooLargeError,
    MalformedJsonError,
    MediaTypeError,
    StrictRequest,
)

CUT_OFF = b"cut off"


def request(*parts: bytes, largest: int = 64, **headers: str) -> StrictRequest:
    """Return a request whose body comes in ``parts``."""
    pairs = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    waiting = list(parts) or [b""]

    async def receive() -> Message:
        part = waiting.pop(0)
        if part == CUT_OFF:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(waiting)}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": pairs}
    return StrictRequest(scope, receive, largest)


async def test_a_body_is_counted_while_it_comes_whatever_it_says_of_its_length() -> None:
    whole = request(b"a" * 32, b"b" * 32, content_length="2")
    assert await whole.body() == b"a" * 32 + b"b" * 32

    with pytest.raises(BodyTooLargeError):
        await request(b"a" * 32, b"b" * 33, content_length="2").body()


@pytest.mark.parametrize("stated", ["65", "9" * 5_000])
async def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(stated: str) -> None:
    with pytest.raises(BodyTooLargeError) as refused:
        await request(content_length=stated).body()

    assert refused.value.largest == 64


async def test_a_body_that_was_cut_off_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(BodyCutOffError):
        await request(b'{"a":', CUT_OFF).body()


async def test_json_is_parsed_once_and_strictly() -> None:
    whole = request(b'{"a": [1, "\xc3\xa9"]}')

    assert await whole.json() == {"a": [1, "é"]}
    assert await whole.json() is await whole.json()


HOSTILE = (
    b"",
    b"{",
    b'{"a": 1, "a": 2}',
    b"NaN",
    b'{"a": Infinity}',
    b"\xff\xfe",
    b'"\xed\xa0\x80"',
    b'"\\ud800"',
    b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    b"[" * 60_000,
    b"{} {}",
    b"\xef\xbb\xbf{}",
)


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
async def test_what_could_be_read_in_two_ways_or_in_none_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedJsonError) as refused:
        await request(body, largest=100_000).json()

    assert refused.value.why


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/plain", False),
        ("multipart/form-data", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_the_kind_of_a_body_is_asked_for(given: str, *, taken: bool) -> None:
    sent = request(content_type=given)
    if taken:
        sent.require_media_type("application/json")
        return
    with pytest.raises(MediaTypeError):
        sent.require_media_type("application/json")


@pytest.mark.parametrize("text", [b'"%s"', b'{"a":"%s"}'])
async def test_a_large_body_is_read_aside_as_strictly_as_a_small_one(text: bytes) -> None:
    whole = text % (b"a" * LARGE)
    broken = (whole[:-1], whole + b"{}", whole.replace(b"aa", b'a","a', 1))

    assert "a" * LARGE in str(await request(whole, largest=2 * LARGE).json())
    for each in broken:
        with pytest.raises(MalformedJsonError):
            await request(each, largest=2 * LARGE).json()


async def test_a_large_body_waits_aside_for_its_turn_and_nothing_waits_for_it() -> None:
    goes_on = threading.Event()
    first = asyncio.ensure_future(aside(goes_on.wait))
    large = asyncio.ensure_future(request(b'"%s"' % (b"a" * LARGE), largest=2 * LARGE).json())
    small = await request(b'"a"').json()
    waited = not large.done()
    goes_on.set()

    assert (small, waited) == ("a", True)
    assert await large == "a" * LARGE
    assert await first


@pytest.mark.parametrize("value", [b"{}", b"[]", b"1", b'"a"', b'{"a":1}'])
async def test_a_body_of_too_many_values_is_not_read(value: bytes) -> None:
    many = b"[" + b",".join([value] * MOST_VALUES) + b"]"
    with pytest.raises(MalformedJsonError) as refused:
        await request(many, largest=len(many)).json()

    assert refused.value.why == "It holds more than 20,000 values."
