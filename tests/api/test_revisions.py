"""Change a memory over HTTP, without losing what somebody else wrote."""

import asyncio

from mnemosyne.kit.principal import Scope
from tests.api.remembering import code_of, keyed, remember
from tests.requirements import requirement
from tests.serving import Served


async def test_an_edit_says_which_state_it_was_made_for(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron came back.'))['id']}"
    tag = (await ada.get(where)).headers["etag"]
    change = {
        "content": "Two herons.",
        "title": "Birds",
        "occurred": {"at": "2025-03-12T00:00:00Z", "precision": "day"},
    }

    blind = await ada.patch(where, json=change)
    weak = await ada.patch(where, json=change, headers={"If-Match": f"W/{tag}"})
    edited = await ada.patch(where, json=change, headers={"If-Match": f'W/"other",{tag}'})
    nonsense = await ada.patch(where, json=change, headers={"If-Match": edited.headers["etag"][1:]})
    late = await ada.patch(where, json={"title": "x"}, headers={"If-Match": tag})
    whatever = await ada.patch(where, json={"title": ""}, headers={"If-Match": "*"})

    assert code_of(blind) == (428, "precondition-required")
    refused = {code_of(answer) for answer in (weak, late, nonsense)}
    assert refused == {(412, "precondition-failed")}
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    assert (whatever.status_code, whatever.json()["version"]) == (200, 3)
    now, before = (await ada.get(where)).json(), (await ada.get(f"{where}/wordings/2")).json()
    assert (now["content"], now["title"]) == ("Two herons.", "")
    assert now["occurred"]["precision"] == "day"
    assert before["title"] == "Birds"


@requirement("serving.lost-update")
async def test_of_two_edits_at_once_one_is_told(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron came back.'))['id']}"
    tag = (await ada.get(where)).headers["etag"]

    answers = await asyncio.gather(
        *(
            ada.patch(where, json={"content": text}, headers={"If-Match": tag})
            for text in ("One heron.", "Two herons.")
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    kept = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    now = (await ada.get(where)).json()
    assert (now["content"], now["version"]) == (("One heron.", "Two herons.")[kept], 2)


@requirement("serving.lost-update")
async def test_every_change_is_refused_when_something_else_changed_before(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron came back.'))['id']}"
    stale = {"If-Match": '"stale"', **keyed("once")}

    answers = [
        await ada.request(method, where + path, json=body, headers=stale)
        for method, path, body in (
            ("PATCH", "", {"title": "x"}),
            ("PATCH", "/tags", {"add": ["x"]}),
            ("PATCH", "/domains", {"add": ["family"]}),
            ("PUT", "/pin", {"level": "permanent"}),
            ("PUT", "/never-share", {"mark": True}),
            ("PUT", "/importance", {"value": 1}),
            ("POST", "/clear-secret", None),
            ("POST", "/reopen", None),
            ("POST", "/supersede", {"content": "Newer."}),
            ("DELETE", "", None),
        )
    ]

    assert {code_of(answer) for answer in answers} == {(412, "precondition-failed")}
    assert (await ada.get("/v1/overview")).json()["memories"] == 1


async def test_labels_and_marks_are_changed_and_taken_back(served: Served) -> None:
    ada = await served.as_person(served.ada)
    where = f"/v1/memories/{(await remember(ada, 'The heron.', tags=['lake']))['id']}"

    async def change(method: str, path: str, body: object) -> dict[str, object]:
        answer = await ada.request(method, where + path, json=body)
        assert answer.status_code == 200, answer.text
        document: dict[str, object] = (await ada.get(where)).json()
        return document

    tagged = await change("PATCH", "/tags", {"add": ["#Bird", " bird "], "remove": ["LAKE"]})
    placed = await change("PATCH", "/domains", {"add": ["family", "no such domain"]})
    moved = await change("PATCH", "/domains", {"remove": ["family"]})
    matters = await change("PUT", "/importance", {"value": 0})
    ruled = await change("PUT", "/importance", {"value": None})
    long = await ada.patch(f"{where}/tags", json={"add": ["ß" * 100]})

    assert tagged["tags"] == ["bird"]
    assert _names(placed) == {"family", "other"}
    assert _names(moved) == {"other"}
    assert (matters["importance"], matters["importance_of_the_person"]) == (0, 0)
    assert ruled["importance_of_the_person"] is None
    assert (await change("PUT", "/pin", {"level": "protected"}))["pin"] == "protected"
    assert (await change("PUT", "/never-share", {"mark": True}))["never_share"] is True
    assert (await change("PUT", "/never-share", {"mark": False}))["never_share"] is False
    assert (await change("POST", "/clear-secret", None))["secrets"] == "cleared"
    assert code_of(long) == (422, "label-length")  # a tag is kept in lower case: “ss”


async def test_a_script_lets_nothing_out_that_was_held_back(served: Served) -> None:
    ada = await served.as_person(served.ada)
    script = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    where = f"/v1/memories/{(await remember(ada, 'The key of the door.'))['id']}"
    marked = await script.put(f"{where}/never-share", json={"mark": True})

    unmarked = await script.put(f"{where}/never-share", json={"mark": False})
    cleared = await script.post(f"{where}/clear-secret")

    assert marked.status_code == 200
    assert code_of(unmarked) == code_of(cleared) == (403, "session-needed")
    assert (await ada.get(where)).json()["never_share"] is True


async def test_a_memory_is_superseded_once_and_reopened(served: Served) -> None:
    ada = await served.as_person(served.ada)
    old = await remember(ada, "I live in Lisbon.")
    where = f"/v1/memories/{old['id']}"
    newer = {"content": "I live in Porto.", "since": "2025-05-01T00:00:00+01:00"}

    done = await ada.post(f"{where}/supersede", json=newer, headers=keyed("move"))
    again = await ada.post(f"{where}/supersede", json=newer, headers=keyed("move"))
    other = await ada.post(f"{where}/supersede", json={"content": "x"}, headers=keyed("move"))
    twice = await ada.post(f"{where}/supersede", json={"content": "x"}, headers=keyed())
    early = await ada.post(
        f"/v1/memories/{done.json()['id']}/supersede",
        json={"content": "x", "since": "2025-01-01T00:00:00Z"},
        headers=keyed(),
    )
    ended = (await ada.get(where)).json()
    begun = (await ada.get(_where(done.json()))).json()
    await ada.post(f"{where}/reopen")
    reopened = await ada.get(where)
    open_already = await ada.post(f"{where}/reopen")

    assert (done.status_code, again.status_code) == (201, 200)
    assert done.headers["location"] == again.headers["location"] == _where(done.json())
    assert begun["valid_from"] == ended["valid_to"] == "2025-04-30T23:00:00Z"
    assert code_of(other) == (409, "idempotency-conflict")
    assert code_of(twice) == (409, "already-superseded")
    assert code_of(early) == (409, "validity-order")
    assert reopened.json()["valid_to"] is None
    assert code_of(open_already) == (409, "not-superseded")


async def test_an_edit_that_makes_two_memories_equal_is_refused(served: Served) -> None:
    ada = await served.as_person(served.ada)
    at = {"at": "2025-03-12T00:00:00Z"}
    await remember(ada, "One.", occurred=at)
    two = await remember(ada, "Two.", occurred=at)

    answer = await ada.patch(_where(two), json={"content": "One."}, headers={"If-Match": "*"})

    assert code_of(answer) == (409, "duplicate-text")


def _where(document: dict[str, object]) -> str:
    return f"/v1/memories/{document['id']}"


def _names(document: dict[str, object]) -> set[str]:
    domains = document["domains"]
    assert isinstance(domains, list)
    return {each["name"] for each in domains}
