"""Bodies that do not come to their end: cut off, or waited for in vain."""

import asyncio

import pytest
from starlette.types import Message, Receive

from mnemosyne.http.bodies import BodyCutOffError, BodyStalledError, StrictRequest
from mnemosyne.http.statuses import status_of


def request(receive: Receive) -> StrictRequest:
    return StrictRequest({"type": "http", "headers": []}, receive, patience=0.001)


async def test_a_body_that_stalls_is_not_waited_for_longer_than_its_time() -> None:
    pieces: list[Message] = [{"type": "http.request", "body": b"a", "more_body": True}]

    async def receive() -> Message:
        if pieces:
            return pieces.pop()
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(BodyStalledError) as refused:
        await request(receive).body()

    assert status_of(refused.value.code) == 408


async def test_a_body_that_is_cut_off_is_no_fault_of_the_node() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(BodyCutOffError) as refused:
        await request(receive).body()

    assert status_of(refused.value.code) == 400
