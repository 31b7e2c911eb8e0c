"""What is another's and what was never there are answered alike, in paths and in bodies."""

from typing import Any

from demo.authenticator import Authenticator
from tests.api.remembering import keyed, remember
from tests.passkeys import give_passkey, sign_in, stepped_up
from tests.requirements import requirement
from tests.serving import Served

ABSENT = "0193c1e2a4b87f0c9d3e5a6b7c8d9e0f"
ON_MEMORIES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/v1/memories/{}", None),
    ("GET", "/v1/memories/{}/detail", None),
    ("GET", "/v1/memories/{}/detail?everywhere=true", None),
    ("GET", "/v1/memories/{}/wordings/1", None),
    ("PATCH", "/v1/memories/{}", {"title": "x"}),
    ("PATCH", "/v1/memories/{}/tags", {"add": ["x"]}),
    ("PATCH", "/v1/memories/{}/domains", {"add": ["family"]}),
    ("PUT", "/v1/memories/{}/pin", {"level": "permanent"}),
    ("PUT", "/v1/memories/{}/never-share", {"mark": True}),
    ("PUT", "/v1/memories/{}/importance", {"value": 1}),
    ("POST", "/v1/memories/{}/clear-secret", None),
    ("POST", "/v1/memories/{}/reopen", None),
    ("POST", "/v1/memories/{}/supersede", {"content": "Mine now."}),
    ("DELETE", "/v1/memories/{}", None),
    ("POST", "/v1/bin", {"memories": ["{}"]}),
    ("POST", "/v1/bin/restore", {"memories": ["{}"]}),
    ("POST", "/v1/erasure-preview", {"memories": ["{}"]}),
)
ON_PEOPLE: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/v1/people/{}", None),
    ("PATCH", "/v1/people/{}", {"name": "x"}),
    ("DELETE", "/v1/people/{}", None),
    ("POST", "/v1/people/{}/merge", {"into": "{}"}),
    ("POST", "/v1/people/{}/split", {"alias": "Tom"}),
)


@requirement("serving.somebody-elses")
async def test_somebody_elses_is_answered_like_nobodys(served: Served) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)
    memory = await remember(ada, "Only Ada's.", tags=["lake"])
    made = (await ada.post("/v1/people", json={"name": "Tomás", "aliases": ["Tom"]})).json()
    contact = (await ada.get(f"/v1/people/{made['id']}")).json()
    device = Authenticator()
    await give_passkey(served.node, served.bob.id, device)
    await sign_in(bob, device)

    async def asked(method: str, path: str, body: Any, whose: str) -> tuple[int, str]:  # noqa: ANN401 - JSON
        answer = await bob.request(
            method,
            path.format(whose),
            json=_filled(body, whose),
            headers={"If-Match": "*", **keyed()},
        )
        return answer.status_code, answer.text.replace(whose, ABSENT)

    for mine, operations in ((memory["id"], ON_MEMORIES), (contact["id"], ON_PEOPLE)):
        for method, path, body in operations:
            foreign = await asked(method, path, body, mine)
            assert foreign == await asked(method, path, body, ABSENT), (method, path)
            assert foreign[0] == 404, (method, path)
    foreign_erase = await stepped_up(
        bob, device, "POST", "/v1/erasures", {"memories": [memory["id"]]}
    )
    absent_erase = await stepped_up(bob, device, "POST", "/v1/erasures", {"memories": [ABSENT]})
    assert foreign_erase.status_code == 404
    assert foreign_erase.text.replace(memory["id"], ABSENT) == absent_erase.text
    assert (await ada.get(f"/v1/memories/{memory['id']}")).json()["version"] == 1
    assert (await ada.get("/v1/memories")).json()["items"][0]["tags"] == ["lake"]
    assert (await ada.get("/v1/people")).json()["items"] == [contact]


async def test_nothing_of_one_person_is_in_a_list_of_another(served: Served) -> None:
    ada, bob = await served.as_person(served.ada), await served.as_person(served.bob)
    memory = await remember(ada, "Heron with Brunhild. Brunhild said so.", tags=["bird"])
    await remember(ada, "Again with Brunhild.")
    gone = await remember(ada, "A heron in the bin.")
    await ada.delete(f"/v1/memories/{gone['id']}")
    await ada.post("/v1/people", json={"name": "Tom"})
    thread = {"thread_id": memory["id"]}

    answers = [
        await bob.request(method, path, json=body)
        for method, path, body in (
            ("GET", "/v1/memories?history=true", None),
            ("GET", f"/v1/memories?thread_id={memory['id']}", None),
            ("POST", "/v1/list", {"tag": "bird", **thread}),
            ("POST", "/v1/list", {"person": "Tom"}),
            ("GET", "/v1/timeline", None),
            ("POST", "/v1/timeline", {}),
            ("POST", "/v1/search", {"question": "heron"}),
            ("GET", "/v1/bin", None),
            ("GET", "/v1/people", None),
            ("GET", "/v1/suggestions", None),
        )
    ]
    counted = await bob.post("/v1/count", json={"history": True})

    assert [answer.json()["items"] for answer in answers] == [[]] * len(answers)
    assert counted.json() == {"count": 0}


def _filled(body: Any, whose: str) -> Any:  # noqa: ANN401 - JSON
    match body:
        case dict():
            return {name: _filled(value, whose) for name, value in body.items()}
        case list():
            return [_filled(value, whose) for value in body]
        case str():
            return body.replace("{}", whose)
        case _:
            return body
