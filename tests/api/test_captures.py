"""Several memories in one request."""

from tests.api.remembering import code_of, keyed
from tests.serving import Served


async def test_each_of_several_has_an_outcome_of_its_own(served: Served) -> None:
    ada = await served.as_person(served.ada)
    too_long = {"content": "ü" * 600_000}
    drafts = {"memories": [{"content": "One."}, too_long, {"content": "Two.", "tags": ["x"]}]}

    first = (await ada.post("/v1/captures", json=drafts, headers=keyed("batch"))).json()
    drafts["memories"][1] = {"content": "Mended."}
    again = (await ada.post("/v1/captures", json=drafts, headers=keyed("batch"))).json()
    drafts["memories"][0] = {"content": "Another."}
    conflict = (await ada.post("/v1/captures", json=drafts, headers=keyed("batch"))).json()

    assert [each["outcome"] for each in first["items"]] == ["created", "refused", "created"]
    assert (first["created"], first["refused"]) == (2, 1)
    assert first["items"][1]["problem"]["code"] == "content-size"
    assert [each["outcome"] for each in again["items"]] == ["before", "created", "before"]
    assert again["items"][0]["memory"] == first["items"][0]["memory"]
    assert "content" not in first["items"][0]["memory"]
    assert conflict["items"][0]["problem"]["code"] == "idempotency-conflict"
    assert (await ada.get("/v1/overview")).json()["memories"] == 3


async def test_none_and_too_many_are_refused_before_anything_is_stored(served: Served) -> None:
    ada = await served.as_person(served.ada)

    async def sent(memories: list[object]) -> tuple[int, str]:
        body = {"memories": memories}
        return code_of(await ada.post("/v1/captures", json=body, headers=keyed()))

    assert await sent([]) == (422, "invalid-request")
    assert await sent([{"content": "x"}] * 101) == (422, "invalid-request")
    assert await sent([{"content": "x"}, {}]) == (422, "invalid-request")
    assert await sent([{"content": "x"}, {"content": "y", "tags": "z"}]) == (422, "invalid-request")
    assert (await ada.get("/v1/overview")).json()["memories"] == 0


async def test_what_is_empty_or_too_long_is_refused_by_itself(served: Served) -> None:
    ada = await served.as_person(served.ada)
    sent = [
        {"content": "Kept."},
        {"content": ""},
        {"content": " \n"},
        {"content": "x", "tags": [""]},
        {"content": "x", "title": "t" * 256},
        {"content": "x", "importance": 2},
    ]

    answer = await ada.post("/v1/captures", json={"memories": sent}, headers=keyed())

    assert answer.status_code == 200
    kept, *refused = answer.json()["items"]
    assert kept["outcome"] == "created"
    assert {each["problem"]["code"] for each in refused} == {"invalid-request"}
    assert [each["problem"]["errors"][0] for each in refused] == [
        {"pointer": "/body/memories/1/content", "message": "It is empty."},
        {"pointer": "/body/memories/2/content", "message": "It is white space alone."},
        {"pointer": "/body/memories/3/tags/0", "message": "It is empty."},
        {"pointer": "/body/memories/4/title", "message": "It has more than 255 characters."},
        {"pointer": "/body/memories/5/importance", "message": "It is more than 1."},
    ]
