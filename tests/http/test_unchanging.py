"""What is made once: for all who wait, and known again by its ETag."""

import asyncio
import threading

import pytest
from starlette.requests import Request

from mnemosyne.http.unchanging import Once, Unchanging


class Slow:
    """Makes a number when it may, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.may, self.times = threading.Event(), 0

    def __call__(self) -> int:
        self.times += 1
        self.may.wait()
        return self.times


async def test_whoever_waits_for_it_shares_one_making_also_when_the_first_goes_away() -> None:
    make = Slow()
    once = Once(make)
    waiting = [asyncio.ensure_future(once.get()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    make.may.set()

    assert await asyncio.gather(*waiting[1:], once.get()) == [1, 1, 1]


async def test_what_could_not_be_made_is_tried_again() -> None:
    tries = iter([1, 0])
    once = Once(lambda: 1 // (1 - next(tries)))
    with pytest.raises(ZeroDivisionError):
        await once.get()

    assert await once.get() == 1


@pytest.mark.parametrize(
    ("named", "status"),
    [([], 200), (["x"], 200), (["*"], 304), (["E"], 304), (["x, W/E"], 304), (["x", "E"], 304)],
)
def test_it_is_not_sent_to_who_has_it(named: list[str], status: int) -> None:
    made = Unchanging.of(b"text", "text/plain")
    headers = [(b"if-none-match", each.replace("E", made.etag).encode("ascii")) for each in named]
    answer = made.answer(Request({"type": "http", "headers": headers}), {"Vary": "Cookie"})

    assert answer.status_code == status
    assert answer.body == (b"text" if status == 200 else b"")
    assert answer.headers["ETag"] == made.etag
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Cookie", "no-cache")
    assert made.etag != Unchanging.of(b"texts", "text/plain").etag
