"""How the memories stand, over HTTP."""

from tests.serving import Served


async def test_the_overview_counts_what_is_the_persons_own(served: Served) -> None:
    bob, ada = await served.as_person(served.bob), await served.as_person(served.ada)
    key = {"Idempotency-Key": "a"}
    await bob.post("/v1/memories", json={"content": "Bob was here."}, headers=key)

    mine = (await ada.get("/v1/overview")).json()
    his = (await bob.get("/v1/overview")).json()

    assert (mine["memories"], mine["enrichment"]["waiting"], mine["types"]) == (0, 0, {})
    assert (his["memories"], his["enrichment"]["waiting"], his["types"]) == (1, 1, {"note": 1})
    assert his["search_by_meaning"]["on"] is False
