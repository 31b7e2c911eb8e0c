import pytest
from starlette.types import ASGIApp

from tests.api.asgi import KEY, encoded, get
from tests.requirements import requirement


@requirement("identity.did-key")
async def test_a_did_key_resolves_from_itself(app: ASGIApp) -> None:
    answer = await get(app, KEY)
    part = await encoded(app, f"{KEY}#{KEY.removeprefix('did:key:')}", "application/json")

    document = answer.json["didDocument"]
    assert answer.status == 200
    assert document["id"] == KEY
    assert document["verificationMethod"] == [part.json]
    assert part.json["publicKeyMultibase"] == KEY.removeprefix("did:key:")
    assert document["assertionMethod"] == document["authentication"] == [part.json["id"]]


@requirement("identity.did-key")
@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6MkeXATEjyXENzBXBxgC5EHk2JE5aqd7qMGGtDpLUH1e2Sj",  # order 2
        KEY + "1",
        KEY[:-1],
        "did:key:Z" + KEY.removeprefix("did:key:z"),
        "did:key:m7QEuXhd",
        "did:key:z",
    ],
)
async def test_a_did_key_has_one_spelling_and_a_sound_key(app: ASGIApp, did: str) -> None:
    answer = await get(app, did)

    assert (answer.status, answer.error) == (400, "INVALID_DID")
