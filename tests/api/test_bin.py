"""Forget and take it back, over HTTP."""

from datetime import timedelta

from tests.api.remembering import code_of, keyed, remember
from tests.serving import Served


async def test_what_is_forgotten_is_in_the_bin_and_comes_back(served: Served) -> None:
    ada = await served.as_person(served.ada)
    one, two, three = [(await remember(ada, f"Number {each}."))["id"] for each in range(3)]

    gone = await ada.delete(f"/v1/memories/{one}")
    again = await ada.delete(f"/v1/memories/{one}")
    several = await ada.post("/v1/bin", json={"memories": [two, three]})
    shown = (await ada.get("/v1/bin?limit=2")).json()
    rest = (await ada.get("/v1/bin", params={"limit": 2, "cursor": shown["next"]})).json()
    back = await ada.post("/v1/bin/restore", json={"memories": [two, one]})
    not_there = await ada.post("/v1/bin/restore", json={"memories": [three, one]})

    assert (gone.status_code, gone.content) == (204, b"")
    assert code_of(again) == (404, "memory-not-found")
    assert several.json() == {"memories": [two, three]}
    assert [len(shown["items"]), len(rest["items"])] == [2, 1]
    assert shown["items"][0]["memory"]["forgotten_by"].endswith("(http)")
    assert shown["items"][0]["offered"] is False
    assert back.json() == {"memories": [two, one]}
    assert code_of(not_there) == (409, "not-in-bin")
    assert (await ada.get("/v1/overview")).json()["in_bin"] == 1


async def test_a_credential_forgets_twenty_an_hour(served: Served) -> None:
    ada = await served.as_person(served.ada)
    drafts = {"memories": [{"content": f"Number {each}."} for each in range(21)]}
    made = await ada.post("/v1/captures", json=drafts, headers=keyed())
    ids = [each["memory"]["id"] for each in made.json()["items"]]

    all_of_them = await ada.post("/v1/bin", json={"memories": ids})
    twenty = await ada.post("/v1/bin", json={"memories": ids[:20]})
    one_more = await ada.delete(f"/v1/memories/{ids[20]}")

    served.clock.advance(timedelta(hours=2))
    later = await ada.delete(f"/v1/memories/{ids[20]}")

    assert code_of(all_of_them) == code_of(one_more) == (429, "forget-limit")
    assert (twenty.status_code, later.status_code) == (200, 204)
