import pytest
from starlette.types import ASGIApp

from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.identity.log import History
from tests.api.asgi import DEREFERENCING, KEY, RESOLUTION, encoded, get
from tests.requirements import requirement


@requirement("identity.resolver")
@pytest.mark.parametrize("accept", ["", "*/*", "application/*", RESOLUTION])
async def test_a_did_resolves_to_the_whole_result(
    app: ASGIApp, active: History, accept: str
) -> None:
    answer = await get(app, active.did, accept)

    result = answer.json
    assert answer.status == 200
    assert answer.media_type == result["didResolutionMetadata"]["contentType"] == RESOLUTION
    assert result["didDocument"] == active.document
    assert result["didDocument"]["id"] == active.did
    metadata = result["didDocumentMetadata"]
    assert metadata["created"] == "2025-09-01T08:00:00Z"
    assert metadata["updated"] == "2025-09-20T18:30:00Z"
    assert metadata["versionId"] == active.head.version_id
    assert metadata["equivocation"] is False
    assert metadata["witnessed"] is False
    assert metadata["epoch"] == "0"
    assert not {"deactivated", "nextVersionId", "nextUpdate"} & metadata.keys()


@requirement("identity.resolver")
@pytest.mark.parametrize(
    "accept", ["application/did", "application/did+ld+json", "application/did+json"]
)
async def test_the_bare_document_is_given_where_it_is_asked_for(
    app: ASGIApp, active: History, accept: str
) -> None:
    answer = await get(app, active.did, accept)

    document = answer.json
    assert answer.media_type == accept
    assert document.pop("@context", None) == (
        None if accept.endswith("did+json") else active.head.state["@context"]
    )
    assert document == {k: v for k, v in active.head.state.items() if k != "@context"}


@requirement("identity.resolver")
async def test_a_dereferencing_result_is_given_of_a_bare_did_too(
    app: ASGIApp, active: History
) -> None:
    answer = await get(app, active.did, DEREFERENCING)

    result = answer.json
    assert answer.media_type == result["dereferencingMetadata"]["contentType"] == DEREFERENCING
    assert result["contentStream"] == active.document
    assert result["contentMetadata"]["versionId"] == active.head.version_id


@requirement("identity.resolver")
@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json", "*/*;q=0"])
async def test_a_form_that_cannot_be_given_is_not_replaced_by_another(
    app: ASGIApp, active: History, accept: str
) -> None:
    answer = await get(app, active.did, accept)

    assert answer.status == 406
    assert answer.error == "REPRESENTATION_NOT_SUPPORTED"
    assert answer.media_type == RESOLUTION
    assert answer.json["didDocument"] is None
    assert answer.json["didDocumentMetadata"] == {}


async def test_the_form_with_the_higher_quality_is_given(app: ASGIApp, active: History) -> None:
    answer = await get(app, active.did, f"{RESOLUTION};q=0.1, application/did;q=0.2, text/html")

    assert answer.media_type == "application/did"


async def test_the_accepted_form_may_stand_in_the_query(app: ASGIApp, active: History) -> None:
    answer = await get(app, f"{active.did}?accept=application%2Fdid", "text/html")

    assert answer.media_type == "application/did"


@requirement("identity.resolver")
async def test_a_percent_encoded_did_is_the_same_did(app: ASGIApp, active: History) -> None:
    assert (await encoded(app, active.did)).body == (await get(app, active.did)).body


@requirement("identity.resolver")
@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "not-a-did",
        "did:example",
        "did:mnem",
        "did:mnem:",
        "did:mnem:abc",
        "did:mnem:bciq" + "a" * 51,
        "did:mnem:bciq" + "a" * 53,
        "DID:mnem:bciq" + "a" * 52,
        "did:MNEM:x",
        "did::x",
        "did:example:a:",
        "did:example:%zz",
        "did:exämple:a",
        "did:example:a b",
        "%F0%9F%94%A5",
        "did:example:%FF",
        "did:key:z6Mk",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doL",
        " did:mnem:x",
    ],
)
async def test_what_is_no_did_is_told_so(app: ASGIApp, identifier: str) -> None:
    answer = await get(app, identifier)

    assert answer.status == 400
    assert answer.error == "INVALID_DID"
    assert answer.json["didDocument"] is None
    assert answer.json["didDocumentMetadata"] == {}


async def test_another_spelling_of_a_known_did_is_no_did(app: ASGIApp, active: History) -> None:
    for did in (active.did.upper(), active.did[:-1] + active.did[-1].upper(), active.did + " "):
        assert (await encoded(app, did)).error == "INVALID_DID"


@requirement("identity.resolver")
async def test_an_unknown_did_is_not_found(app: ASGIApp) -> None:
    answer = await get(app, UNKNOWN)

    error = answer.json["didResolutionMetadata"]["error"]
    assert answer.status == 404
    assert error["type"] == "https://www.w3.org/ns/did#NOT_FOUND"
    assert set(error) == {"type", "title", "detail"}
    assert answer.headers["cache-control"] == "no-store"


@requirement("identity.resolver")
@pytest.mark.parametrize(
    ("identifier", "error"),
    [
        ("did:unsupported:123456789abcdefghi", "METHOD_NOT_SUPPORTED"),
        ("did:web:example.com:path", "METHOD_NOT_SUPPORTED"),
        ("did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", "FEATURE_NOT_SUPPORTED"),
        (f"{KEY}?versionId=1", "FEATURE_NOT_SUPPORTED"),
        (f"{UNKNOWN}?noCache=true", "FEATURE_NOT_SUPPORTED"),
        (f"{UNKNOWN}?serviceType=LinkedDomains", "FEATURE_NOT_SUPPORTED"),
        (f"{UNKNOWN}?hl=zQm", "FEATURE_NOT_SUPPORTED"),
    ],
)
async def test_what_the_resolver_does_not_do_is_not_passed_over(
    app: ASGIApp, identifier: str, error: str
) -> None:
    answer = await get(app, identifier)

    assert answer.status == 501
    assert answer.error == error


@requirement("identity.resolver")
async def test_a_deactivated_did_is_gone_and_has_no_document(
    app: ASGIApp, examples: Examples
) -> None:
    answer = await get(app, examples.deactivated)
    dereferenced = await get(app, examples.deactivated, DEREFERENCING)
    bare = await get(app, examples.deactivated, "application/did")
    part = await encoded(app, f"{examples.deactivated}#sig-1")

    assert {each.status for each in (answer, dereferenced, bare, part)} == {410}
    assert answer.json["didDocument"] is None
    assert answer.json["didDocumentMetadata"]["deactivated"] is True
    assert "error" not in answer.json["didResolutionMetadata"]
    assert dereferenced.json["contentMetadata"]["deactivated"] is True
    assert bare.json["didDocument"] is None


async def test_a_version_from_before_a_deactivation_can_still_be_read(
    app: ASGIApp, examples: Examples
) -> None:
    history = examples.history(examples.deactivated)
    first = history.path[0]

    answer = await get(app, f"{history.did}?versionId={first.version_id}")

    assert answer.status == 200
    assert answer.json["didDocument"] == first.state
    assert answer.json["didDocumentMetadata"]["nextVersionId"] == history.path[1].version_id


@requirement("identity.resolver")
@pytest.mark.parametrize("option", ["versionId", "versionTime"])
async def test_an_old_version_names_the_next(app: ASGIApp, active: History, option: str) -> None:
    first, second = active.path
    value = {"versionId": first.version_id, "versionTime": "2025-09-19T00:00:00Z"}[option]

    by_query = await get(app, f"{active.did}?{option}={value}")
    by_url = await encoded(app, f"{active.did}?{option}={value}")

    assert by_query.json["didDocument"] == by_url.json["contentStream"] == first.state
    metadata = by_query.json["didDocumentMetadata"]
    assert metadata == by_url.json["contentMetadata"]
    assert metadata["versionId"] == first.version_id
    assert metadata["nextVersionId"] == second.version_id
    assert metadata["nextUpdate"] == "2025-09-20T18:30:00Z"
    assert "updated" not in metadata


@pytest.mark.parametrize(
    ("time", "number"),
    [
        ("2025-09-01T08:00:00Z", 1),
        ("2025-09-20T18:29:59Z", 1),
        ("2025-09-20T18:30:00Z", 2),
        ("2099-01-01T00:00:00Z", 2),
    ],
)
async def test_a_time_means_the_version_that_held_then(
    app: ASGIApp, active: History, time: str, number: int
) -> None:
    answer = await get(app, f"{active.did}?versionTime={time}")

    assert answer.json["didDocumentMetadata"]["versionId"].startswith(f"{number}-")


@requirement("identity.resolver")
@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("versionTime=2025-09-01T07:59:59Z", 404, "NOT_FOUND"),
        ("versionId=9-bciqnothing", 404, "NOT_FOUND"),
        ("versionId=1", 404, "NOT_FOUND"),
        ("versionId=1&versionTime=2025-09-19T00:00:00Z", 400, "INVALID_OPTIONS"),
        ("versionId=1&versionId=1", 400, "INVALID_OPTIONS"),
        ("versionTime=yesterday", 400, "INVALID_OPTIONS"),
        ("versionTime=2025-09-19T00%3A00%3A00%2B02%3A00", 400, "INVALID_OPTIONS"),
        ("versionId=", 400, "INVALID_OPTIONS"),
        ("versionId", 400, "INVALID_OPTIONS"),
        ("versionId=%F0%9F%94%A5", 400, "INVALID_OPTIONS"),
        ("versionId=%FF", 400, "INVALID_OPTIONS"),
        ("service=%D0%9F", 400, "INVALID_OPTIONS"),
        ("serviceType=%D0%9F", 400, "INVALID_OPTIONS"),
        ("relativeRef=%D0%9F", 400, "INVALID_OPTIONS"),
        ("hl=%D0%9F", 400, "INVALID_OPTIONS"),
        ("accept=%D0%9F", 400, "INVALID_OPTIONS"),
        ("accept=text/html&accept=text/html", 400, "INVALID_OPTIONS"),
        ("expandRelativeUrls=1", 400, "INVALID_OPTIONS"),
        ("&".join(f"o{n}=1" for n in range(20)), 400, "INVALID_OPTIONS"),
        ("relativeRef=/a", 400, "INVALID_DID_URL"),
        ("service=files&service=files", 400, "INVALID_DID_URL"),
        ("service=nothing", 404, "NOT_FOUND"),
    ],
)
async def test_options_that_do_not_hold_are_refused(
    app: ASGIApp, active: History, query: str, status: int, error: str
) -> None:
    answer = await get(app, f"{active.did}?{query}")

    assert (answer.status, answer.error) == (status, error)


async def test_relative_identifiers_may_be_asked_to_be_expanded(
    app: ASGIApp, active: History
) -> None:
    answer = await get(app, f"{active.did}?expandRelativeUrls=true")

    assert answer.json["didDocument"] == active.document
