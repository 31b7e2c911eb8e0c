from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from mnemosyne.identity.log import History
from tests.api.asgi import DEREFERENCING, RESOLUTION, encoded, get
from tests.requirements import requirement


async def test_a_hint_changes_nothing(app: ASGIApp, active: History) -> None:
    answer = await get(app, f"{active.did}?hint=https%3A%2F%2Felsewhere.example", RESOLUTION)

    assert answer.json["didDocument"] == active.document


@requirement("identity.resolver")
async def test_a_fragment_names_a_part_of_the_document(app: ASGIApp, active: History) -> None:
    method = active.head.state["verificationMethod"][0]

    whole = await encoded(app, method["id"])
    accepted = await encoded(app, method["id"], DEREFERENCING)
    bare = await encoded(app, method["id"], "application/json")
    service = await encoded(app, f"{active.did}#files", "application/json")

    assert whole.media_type == whole.json["dereferencingMetadata"]["contentType"] == DEREFERENCING
    assert whole.json == accepted.json
    assert whole.json["contentStream"] == bare.json == method
    assert whole.json["contentMetadata"] == {}
    assert bare.media_type == "application/json"
    assert service.json["type"] == "LinkedDomains"


async def test_a_part_is_read_from_the_version_that_is_named(app: ASGIApp, active: History) -> None:
    first = active.path[0]
    fragment = quote(f"{active.did}#sig-1", safe="")

    answer = await get(app, f"{fragment}?versionId={first.version_id}", "application/json")

    assert answer.json == first.state["verificationMethod"][0]


@pytest.mark.parametrize(
    ("rest", "accept", "status", "error"),
    [
        ("#nothing", "", 404, "NOT_FOUND"),
        ("/path", "", 404, "NOT_FOUND"),
        ("#sig-1", "application/did", 406, "REPRESENTATION_NOT_SUPPORTED"),
        ("#sig-1", "text/html", 406, "REPRESENTATION_NOT_SUPPORTED"),
        ("?unknown=1", "", 501, "FEATURE_NOT_SUPPORTED"),
        ("?service=files&relativeRef=%2F..%2Fsecret", "", 400, "INVALID_DID_URL"),
        ("?service=files&relativeRef=%2F%2Fother.example", "", 400, "INVALID_DID_URL"),
        ("?service=files&relativeRef=%2F%255Cother.example", "", 400, "INVALID_DID_URL"),
        ("/path?service=files", "", 400, "INVALID_DID_URL"),
        ("#sig 1", "", 400, "INVALID_DID_URL"),
        ("?versionId=1&versionTime=2025-09-19T00:00:00Z", "", 400, "INVALID_OPTIONS"),
    ],
)
async def test_a_did_url_that_leads_nowhere_is_told_so(
    app: ASGIApp, active: History, rest: str, accept: str, status: int, error: str
) -> None:
    answer = await encoded(app, active.did + rest, accept)

    assert (answer.status, answer.error) == (status, error)
    assert answer.media_type == DEREFERENCING
    assert answer.json["contentStream"] is None
    assert answer.json["contentMetadata"] == {}


async def test_a_did_url_that_is_none_is_told_so(app: ASGIApp) -> None:
    assert (await encoded(app, "not-a-did?versionId=1")).error == "INVALID_DID_URL"


@requirement("identity.resolver")
@pytest.mark.parametrize("accept", ["", DEREFERENCING, "text/html", "application/json"])
async def test_a_service_is_a_redirect_without_a_body(
    app: ASGIApp, active: History, accept: str
) -> None:
    did_url = f"{active.did}?service=files&relativeRef=%2Fdiary%2F2026.txt"

    by_url = await encoded(app, did_url, accept)
    by_query = await get(app, did_url, accept)

    for answer in (by_url, by_query):
        assert answer.status == 303
        assert answer.headers["location"] == "https://files.example/diary/2026.txt"
        assert answer.body == b""


async def test_a_service_without_a_reference_is_its_address(app: ASGIApp, active: History) -> None:
    answer = await get(app, f"{active.did}?service=node")

    assert answer.headers["location"] == "https://node.example"
