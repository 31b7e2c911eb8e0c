"""Questions over HTTP."""

import base64
import hashlib
import json
import zlib

from tests.api.remembering import code_of, remember
from tests.serving import Served


async def test_hits_come_with_their_evidence_and_with_what_should_be_known(served: Served) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)
    await ada.post("/v1/people", json={"name": "Tomás Vidal", "aliases": ["Tomás"]})
    walk = await remember(ada, "Walked around the lake.", occurred={"at": "2025-03-12T10:00:00Z"})
    await remember(ada, "Bought bread.")
    await remember(bob, "Bob walked around another lake.")

    asked = {"question": "When did Tomás walk around the lake in March 2025?"}
    answer = await ada.post("/v1/search", json=asked)
    found = answer.json()
    reads = await served.node.reads.of(served.principal(served.ada))

    hit = found["items"][0]
    assert answer.status_code == 200
    assert hit["memory"]["id"] == walk["id"]
    assert "Bob" not in answer.text
    assert abs(sum(hit["because"]["parts"].values()) - hit["score"]) < 1e-5
    assert "walk" in hit["because"]["matched"]
    assert hit["because"]["similarity"] is None
    assert found["searched"] == "words"
    assert [note["code"] for note in found["notes"]] == ["meaning-not-available"]
    assert found["understood"]["people"] == ["Tomás Vidal"]
    assert found["understood"]["asks_when"] is True
    assert found["understood"]["dates"][0] == {
        "text": "March 2025",
        "after": "2025-03-01T00:00:00Z",
        "before": "2025-04-01T00:00:00Z",
    }
    assert [(read.how, read.channel, read.count) for read in reads] == [
        ("search", "http", len(found["items"]))
    ]


async def test_hits_are_narrowed_sorted_and_paged(served: Served) -> None:
    ada = await served.as_person(served.ada)
    for day in (2, 1, 3):
        at = {"at": f"2025-03-0{day}T12:00:00Z"}
        await remember(ada, f"Heron number {day}.", occurred=at, tags=["bird"] if day < 3 else [])

    async def days(**wanted: object) -> tuple[list[str], str | None]:
        asked = {"question": "heron", **wanted}
        found = (await ada.post("/v1/search", json=asked)).json()
        return [each["memory"]["occurred"]["at"][8:10] for each in found["items"]], found["next"]

    first, cursor = await days(order="time", limit=2)
    rest, end = await days(order="time", limit=2, cursor=cursor)

    assert (first, rest, end) == (["03", "02"], ["01"], None)
    assert await days(order="oldest", tag="bird") == (["01", "02"], None)
    assert await days(order="oldest", after="2025-03-03T00:00:00Z", diverse=True) == (["03"], None)
    other = await ada.post("/v1/search", json={"question": "lake", "cursor": cursor})
    assert code_of(other) == (400, "malformed-cursor")


async def test_a_question_of_white_space_or_of_an_unknown_member_is_refused(served: Served) -> None:
    ada = await served.as_person(served.ada)

    bodies: tuple[object, ...] = (
        {"question": " \n"},
        {"question": ""},
        {},
        {"question": "x", "explain": True},
        {"question": "x", "limit": "10"},
        {"question": "x", "order": "latest"},
        {"question": 7},
        [],
    )
    for body in bodies:
        assert code_of(await ada.post("/v1/search", json=body)) == (422, "invalid-request")


async def test_a_cursor_that_somebody_wrote_is_refused_and_not_counted_out(served: Served) -> None:
    ada = await served.as_person(served.ada)
    digest = hashlib.sha256(b"heron").hexdigest()[:8]
    steps: tuple[object, ...] = ([2**70], [-1], [1] * 5_000, [float("inf")], ["a"], [None], {}, 7)
    packed = [zlib.compress(b"[" * 60_000), zlib.compress(b"0" * 10_000_000), b"\xff" * 40]
    packed += [
        zlib.compress(json.dumps([digest, *step] if isinstance(step, list) else step).encode())
        for step in steps
    ]

    for data in packed:
        cursor = base64.urlsafe_b64encode(data).decode().rstrip("=")[:4_096]
        answer = await ada.post("/v1/search", json={"question": "heron", "cursor": cursor})
        assert code_of(answer) == (400, "malformed-cursor"), cursor[:40]
