"""The people list over HTTP."""

from typing import Any

from tests.api.remembering import code_of, remember
from tests.serving import Served


async def test_somebody_is_added_named_and_removed(served: Served) -> None:
    ada = await served.as_person(served.ada)

    made = await ada.post("/v1/people", json={"name": "Tomás Vidal", "aliases": ["Tomás"]})
    again = await ada.post("/v1/people", json={"name": "tomás", "aliases": ["Tom"]})
    where = f"/v1/people/{made.json()['id']}"
    given = (await ada.get(where)).json()
    changed = await ada.patch(
        where, json={"name": "Tom", "add_aliases": ["T."], "remove_aliases": ["tomás"]}
    )
    shown = await ada.get(where)
    gone = await ada.delete(where)

    assert made.status_code == 200
    assert made.json() == again.json() == changed.json() == {"id": given["id"]}
    assert (given["name"], set(given["aliases"])) == ("Tomás Vidal", {"Tom", "Tomás"})
    assert shown.json()["name"] == "Tom"
    assert set(shown.json()["aliases"]) == {"T.", "Tomás Vidal"}
    assert (gone.status_code, gone.content) == (204, b"")
    assert code_of(await ada.get(where)) == (404, "contact-not-found")


async def test_a_change_of_names_is_done_whole_or_not_at_all(served: Served) -> None:
    ada = await served.as_person(served.ada)
    tom = (await ada.post("/v1/people", json={"name": "Tom", "aliases": ["T."]})).json()
    await ada.post("/v1/people", json={"name": "Ann"})
    where = f"/v1/people/{tom['id']}"
    before = (await ada.get(where)).json()

    taken = await ada.patch(where, json={"remove_aliases": ["T."], "add_aliases": ["ann"]})
    not_theirs = await ada.patch(where, json={"name": "Thomas", "remove_aliases": ["Ann"]})
    as_name = await ada.patch(where, json={"name": "ANN"})

    assert code_of(taken) == code_of(as_name) == (409, "name-taken")
    assert code_of(not_theirs) == (404, "contact-not-found")
    assert (await ada.get(where)).json() == before


async def test_two_entries_are_one_person_and_one_entry_two(served: Served) -> None:
    ada = await served.as_person(served.ada)
    tom = (await ada.post("/v1/people", json={"name": "Tom"})).json()
    thomas = (await ada.post("/v1/people", json={"name": "Thomas"})).json()

    merged = await ada.post(f"/v1/people/{tom['id']}/merge", json={"into": thomas["id"]})
    both = (await ada.get(f"/v1/people/{thomas['id']}")).json()
    missing = await ada.post(f"/v1/people/{thomas['id']}/merge", json={"into": tom["id"]})
    split = await ada.post(f"/v1/people/{thomas['id']}/split", json={"alias": "TOM"})
    other = await ada.post(f"/v1/people/{thomas['id']}/split", json={"alias": "tom"})

    assert merged.json() == {"id": thomas["id"]}
    assert (both["name"], both["aliases"]) == ("Thomas", ["Tom"])
    assert code_of(missing) == (404, "contact-not-found")
    assert (await ada.get(f"/v1/people/{split.json()['id']}")).json()["name"] == "TOM"
    assert split.json()["id"] not in {tom["id"], thomas["id"]}
    assert code_of(other) == (404, "contact-not-found")


async def test_the_list_is_paged_and_goes_on_after_somebody_who_left(served: Served) -> None:
    ada = await served.as_person(served.ada)
    for name in ("Cleo", "Ann", "Ben"):
        await ada.post("/v1/people", json={"name": name})

    async def page(**wanted: Any) -> tuple[list[str], str | None]:  # noqa: ANN401 - parameters
        found = (await ada.get("/v1/people", params=wanted)).json()
        return [each["name"] for each in found["items"]], found["next"]

    everyone, _ = await page()
    first, cursor = await page(limit=2)
    assert cursor is not None
    await ada.delete(f"/v1/people/{cursor}")
    rest, end = await page(limit=2, cursor=cursor)

    assert sorted(everyone) == ["Ann", "Ben", "Cleo"]
    assert (len(first), end) == (2, None)
    assert sorted(first + rest) == ["Ann", "Ben", "Cleo"]


async def test_names_in_texts_are_suggested(served: Served) -> None:
    ada = await served.as_person(served.ada)
    for place in ("lake", "market"):
        await remember(ada, f"I met Brunhild at the {place}, and Brunhild said hello.")

    found = (await ada.get("/v1/suggestions")).json()

    assert found["items"][0]["name"] == "Brunhild"
