"""Remember and look, over HTTP."""

import asyncio
from datetime import timedelta

import pytest

from mnemosyne.accounts import restriction
from mnemosyne.kit.principal import Scope
from mnemosyne.memories.model import Draft, Place, Status
from mnemosyne.memories.store import page_sizes, writing
from tests.api.remembering import code_of, keyed, remember
from tests.requirements import requirement
from tests.serving import Served

WALK = {
    "content": "Walked around the lake with Tomás.",
    "title": "At the lake",
    "type": "message",
    "occurred": {"at": "2025-03-12T14:05:00.000001+01:00", "precision": "day"},
    "tags": ["Lake", "family"],
    "domains": ["family"],
    "importance": 0.8,
    "pin": "anchored",
    "never_share": True,
}

ACKNOWLEDGED = {"id", "version", "status", "created_at", "updated_at", "forgotten_at"}


@requirement("serving.repeated-capture")
async def test_a_capture_is_made_once_for_its_key_and_says_where_it_is(served: Served) -> None:
    ada = await served.as_person(served.ada)

    answers = await asyncio.gather(
        *(ada.post("/v1/memories", json=WALK, headers=keyed("one")) for _ in range(2))
    )
    first, again = sorted(answers, key=lambda answer: -answer.status_code)
    twin = await ada.post("/v1/memories", json=WALK, headers=keyed("two"))
    other = await ada.post("/v1/memories", json={"content": "Else."}, headers=keyed("one"))

    made = (await ada.get(first.headers["location"])).json()
    assert (first.status_code, again.status_code, twin.status_code) == (201, 200, 200)
    assert first.json() == again.json() == twin.json()
    assert first.headers["location"] == f"/v1/memories/{first.json()['id']}"
    assert first.headers["etag"] == again.headers["etag"]
    assert made["content"] == WALK["content"]
    assert code_of(other) == (409, "idempotency-conflict")
    assert made["occurred"] == {
        "at": "2025-03-12T13:05:00.000001Z",
        "precision": "day",
        "utc_offset_minutes": 60,
    }
    assert (made["tags"], made["pin"], made["importance"]) == (["family", "lake"], "anchored", 0.8)
    assert [each["name"] for each in made["domains"]] == ["family"]
    assert made["never_share"]


@requirement("serving.repeated-capture")
async def test_what_a_key_made_is_not_made_again_once_it_was_forgotten(served: Served) -> None:
    ada = await served.as_person(served.ada)
    made = await ada.post("/v1/memories", json=WALK, headers=keyed("one"))
    await ada.delete(made.headers["location"])

    again = await ada.post("/v1/memories", json=WALK, headers=keyed("one"))
    gone = await ada.get(made.headers["location"])

    assert code_of(again) == (410, "memory-gone")
    assert code_of(gone) == (404, "memory-not-found")


async def test_a_memory_is_sent_again_only_when_something_of_it_changed(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron came back.'))['id']}"

    first = await ada.get(where)
    same = await ada.get(where, headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})
    anything = await ada.get(where, headers={"If-None-Match": "*"})
    reads = await served.node.reads.of(served.principal(served.ada))
    served.clock.advance(timedelta(days=1))
    opened = await ada.get(where, headers={"If-None-Match": first.headers["etag"]})
    nonsense = await ada.get(where, headers={"If-None-Match": "nonsense"})

    assert (first.status_code, first.json()["opened"]["count"]) == (200, 1)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert anything.status_code == 304
    assert [read.how for read in reads] == ["show"]  # what was not sent was not read
    assert opened.status_code == 304  # nothing left the node, so nothing was counted
    assert nonsense.status_code == 200


async def test_the_tag_changes_with_everything_that_shows(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron came back.'))['id']}"
    tags = [(await ada.get(where)).headers["etag"]]

    for method, path, body in (
        ("PATCH", "/tags", {"add": ["bird"]}),
        ("PATCH", "/domains", {"add": ["family"]}),
        ("PUT", "/pin", {"level": "permanent"}),
        ("PUT", "/never-share", {"mark": True}),
        ("PUT", "/importance", {"value": 0.25}),
        ("POST", "/clear-secret", None),
    ):
        answer = await ada.request(method, where + path, json=body)
        assert answer.status_code == 200, answer.text
        tags.append(answer.headers["etag"])
        assert (await ada.get(where)).headers["etag"] == tags[-1]
    memory = await served.node.memories.get(served.principal(served.ada), where[-32:])
    await served.node.database.write(
        lambda tx: writing.set_columns(tx, memory, {"status": Status.ENRICHED})
    )
    tags.append((await ada.get(where)).headers["etag"])  # enrichment shows as well

    assert len(set(tags)) == len(tags)


async def test_the_detail_shows_earlier_wordings_and_the_thread(served: Served) -> None:
    ada = await served.as_person(served.ada)
    old = await remember(ada, "I live in Lisbon.")
    where = f"/v1/memories/{old['id']}"
    await ada.patch(where, json={"content": "I live in Évora."}, headers={"If-Match": "*"})
    new = await ada.post(f"{where}/supersede", json={"content": "In Porto."}, headers=keyed())

    detail = (await ada.get(f"{where}/detail")).json()
    newer = (await ada.get(f"/v1/memories/{new.json()['id']}/detail")).json()
    await ada.delete(where)
    hidden = await ada.get(f"{where}/detail")
    everywhere = await ada.get(f"{where}/detail", params={"everywhere": "true"})

    assert [each["content"] for each in detail["wordings"]] == ["I live in Lisbon."]
    assert detail["superseded_by"] == new.json()["id"]
    assert newer["links"] == [{"kind": "supersedes", "target": old["id"]}]
    assert (newer["before"], newer["after"]) == (None, None)
    assert code_of(hidden) == (404, "memory-not-found")
    assert everywhere.json()["memory"]["forgotten_at"] is not None


async def test_a_page_of_long_texts_ends_before_it_is_too_large(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_sizes, "MOST_BYTES", 8 * 1_024)
    ada, me = await served.as_person(served.ada), served.principal(served.ada)
    for number in range(10):
        text = f"heron {number} " + chr(97 + number) * 1_000
        await served.node.memories.capture(me, Draft(text), f"k{number}")

    async def numbers(method: str, path: str, **asked: object) -> tuple[set[str], str | None]:
        sent = {"json": asked} if method == "POST" else {"params": asked}
        page = (await ada.request(method, path, **sent)).json()  # type: ignore[arg-type]
        return {each.get("memory", each)["content"][6] for each in page["items"]}, page["next"]

    for method, path, asked in (
        ("GET", "/v1/memories", {"limit": 200}),
        ("POST", "/v1/search", {"question": "heron", "limit": 200}),
    ):
        first, cursor = await numbers(method, path, **asked)
        rest, end = await numbers(method, path, **asked, cursor=cursor)
        assert (len(first), len(rest), end) == (8, 2, None)
        assert first | rest == set("0123456789")


async def test_earlier_wordings_are_read_one_by_one_where_they_are_too_many(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_sizes, "MOST_BYTES", 8 * 1_024)
    ada, me = await served.as_person(served.ada), served.principal(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The first.'))['id']}"
    for number in range(10):
        text = str(number) * 1_000
        await served.node.revisions.edit(me, where[-32:], content=text)

    detail = (await ada.get(f"{where}/detail")).json()
    first = await ada.get(f"{where}/wordings/1")
    present = await ada.get(f"{where}/wordings/11")

    assert detail["memory"]["version"] == 11
    assert [each["version"] for each in detail["wordings"]] == list(range(3, 11))
    assert detail["older_wordings"] == 2
    assert first.json()["content"] == "The first."
    assert code_of(present) == (404, "wording-not-found")


async def test_the_detail_names_the_neighbours_in_a_thread(served: Served) -> None:
    ada, me = await served.as_person(served.ada), served.principal(served.ada)
    ids = []
    for position in (2, 0, 1):
        place = Place("7" * 32, position)
        draft = Draft(f"Said at {position}.", place=place)
        captured = await served.node.memories.capture(me, draft, f"k{position}")
        ids.append(captured.memory.id)
    last, first, middle = ids

    async def beside(memory: str) -> tuple[str | None, str | None]:
        detail = (await ada.get(f"/v1/memories/{memory}/detail")).json()
        return detail["before"], detail["after"]

    assert await beside(first) == (None, middle)
    assert await beside(middle) == (first, last)
    assert await beside(last) == (middle, None)
    await ada.delete(f"/v1/memories/{middle}")
    assert await beside(first) == (None, last)
    in_thread = (await ada.get("/v1/memories", params={"thread_id": "7" * 32})).json()
    assert {each["id"] for each in in_thread["items"]} == {first, last}


async def test_a_list_is_narrowed_sorted_and_paged(served: Served) -> None:
    ada = await served.as_person(served.ada)
    for day in (1, 2, 3):
        at = {"at": f"2025-03-0{day}T12:00:00Z"}
        await remember(ada, f"Day {day}.", occurred=at, tags=["walk"] if day < 3 else [])
    await ada.post("/v1/people", json={"name": "Tomás", "aliases": ["Tom"]})

    async def texts(**wanted: str) -> list[str]:
        found = (await ada.get("/v1/memories", params=wanted)).json()
        return [each["content"] for each in found["items"]]

    first = (await ada.get("/v1/memories?limit=2")).json()
    rest = (await ada.get("/v1/memories", params={"limit": 2, "cursor": first["next"]})).json()
    walks = (await ada.post("/v1/list", json={"tag": "#Walk", "order": "oldest"})).json()
    counted = await ada.post("/v1/count", json={"tag": "walk"})
    said = await ada.post("/v1/list", json={"person": "tom"})

    assert [each["content"] for each in first["items"]] == ["Day 3.", "Day 2."]
    assert [each["content"] for each in rest["items"]] == ["Day 1."]
    assert rest["next"] is None
    assert await texts(order="oldest", before="2025-03-02T13:00:00+01:00") == ["Day 1."]
    assert await texts(after="2025-03-03T00:00:00Z", type="note", source="") == ["Day 3."]
    assert await texts(type="message") == []
    assert [each["content"] for each in walks["items"]] == ["Day 1.", "Day 2."]
    assert counted.json() == {"count": 2}
    assert said.json() == {"items": [], "next": None}


async def test_a_timeline_is_by_local_day_and_reads_are_recorded(served: Served) -> None:
    ada = await served.as_person(served.ada)
    late = {"at": "2025-03-02T00:30:00+02:00"}
    await remember(ada, "Late.", occurred=late, tags=["night"])

    public = (await ada.get("/v1/timeline")).json()
    private = (await ada.post("/v1/timeline", json={"tag": "night"})).json()
    none = (await ada.post("/v1/timeline", json={"tag": "day"})).json()
    reads = await served.node.reads.of(served.principal(served.ada))

    assert [each["date"] for each in public["items"]] == ["2025-03-02"]
    assert private == public
    assert none["items"] == []
    assert [(read.how, read.channel) for read in reads] == [("list", "http")] * 2


async def test_a_cursor_of_nothing_is_refused(served: Served) -> None:
    ada = await served.as_person(served.ada)
    oldest, null, empty, infinite = (
        "WyJvbGRlc3QiLDAsMF0",
        "bnVsbA",
        "W10",
        "WyJ0aW1lIixJbmZpbml0eSwwXQ",
    )

    answers = [
        await ada.get(path, params={"cursor": cursor})
        for path in ("/v1/memories", "/v1/timeline", "/v1/bin")
        for cursor in ("nonsense", oldest, null, empty, infinite)
    ]

    assert {code_of(answer) for answer in answers} == {(400, "malformed-cursor")}


async def test_a_cursor_of_somebody_else_is_none(served: Served) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)
    for number in range(2):
        await remember(ada, f"Ada {number}.", occurred={"at": f"2025-03-1{number}T00:00:00Z"})
    await remember(bob, "Bob.", occurred={"at": "2025-03-09T00:00:00Z"})
    foreign = (await ada.get("/v1/memories?limit=1")).json()["next"]

    found = await bob.get("/v1/memories", params={"cursor": foreign})

    assert code_of(found) == (400, "malformed-cursor")


async def test_a_token_reads_or_writes_as_far_as_its_scopes_go(served: Served) -> None:
    reader = await served.with_token(served.ada, [Scope.MEMORY_READ])
    writer = await served.with_token(served.ada, [Scope.MEMORY_WRITE])
    made = await remember(writer, "By a script.")

    again = await writer.patch(f"/v1/memories/{made['id']}/tags", json={"add": ["private"]})
    shown = await reader.get(f"/v1/memories/{made['id']}")
    refused = await reader.post("/v1/memories", json={"content": "No."}, headers=keyed())
    unread = await writer.get(f"/v1/memories/{made['id']}")
    stranger = await served.client().get(f"/v1/memories/{made['id']}")

    assert shown.status_code == 200
    for answer in (again, await writer.post("/v1/memories", json=WALK, headers=keyed())):
        assert set(answer.json()) == ACKNOWLEDGED  # who may only write is not shown what is there
    assert code_of(refused) == code_of(unread) == (403, "missing-scope")
    assert code_of(stranger) == (401, "not-signed-in")


async def test_a_restricted_person_reads_and_changes_nothing(served: Served) -> None:
    ada = await served.as_person(served.ada)
    made = await remember(ada, "Before.")
    where = f"/v1/memories/{made['id']}"
    at = served.clock()
    await served.node.database.write(lambda tx: restriction.restrict(tx, served.ada.id, at))

    refused = [
        await ada.request(method, path, json=body, headers=keyed() | {"If-Match": "*"})
        for method, path, body in (
            ("POST", "/v1/memories", {"content": "After."}),
            ("POST", "/v1/captures", {"memories": [{"content": "After."}]}),
            ("PATCH", where, {"title": "x"}),
            ("PATCH", f"{where}/tags", {"add": ["x"]}),
            ("POST", f"{where}/supersede", {"content": "After."}),
            ("DELETE", where, None),
            ("POST", "/v1/bin", {"memories": [made["id"]]}),
            ("POST", "/v1/search", {"question": "before"}),
            ("POST", "/v1/people", {"name": "Tom"}),
            ("GET", "/v1/suggestions", None),
        )
    ]
    shown = [await ada.get(path) for path in (where, "/v1/memories", "/v1/timeline", "/v1/bin")]

    assert {code_of(answer) for answer in refused} == {(409, "processing-restricted")}
    assert {answer.status_code for answer in shown} == {200}
