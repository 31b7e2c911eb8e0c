from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.examples import Examples
from mnemosyne.identity.log import History
from tests.api.asgi import ask, get
from tests.clock import SetClock
from tests.requirements import requirement
from tests.resolvers import Resolvers


async def test_an_answer_may_be_kept_for_as_long_as_the_controller_says(
    app: ASGIApp, active: History
) -> None:
    answer = await get(app, active.did)
    again = await get(app, active.did, **{"If-None-Match": f'W/"x", {answer.headers["etag"]}'})
    other = await get(
        app, active.did, "application/did", **{"If-None-Match": answer.headers["etag"]}
    )

    assert answer.headers["cache-control"] == "max-age=3600"
    assert "Accept" in answer.headers["vary"]
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    assert other.status == 200


async def test_several_accept_headers_are_one(app: ASGIApp, active: History) -> None:
    headers = [("Accept", "text/html"), ("Accept", "application/did")]

    answer = await ask(app, f"/1.0/identifiers/{active.did}", headers=headers)

    assert answer.media_type == "application/did"


async def test_whatever_a_client_has_may_be_enough(app: ASGIApp, active: History) -> None:
    assert (await get(app, active.did, **{"If-None-Match": "*"})).status == 304


@settings(max_examples=60)
@example(b"%0A%00", "")
@given(
    st.one_of(
        st.binary(max_size=40).map(lambda raw: quote(raw, safe="").encode()),
        st.text(alphabet="did:mnekyq/?#%25&=;@ service#relativeRef", max_size=40).map(str.encode),
    ),
    st.text(alphabet="versionIdTimeaccptsrvxlR=&+%0aFf", max_size=40),
)
async def test_no_request_makes_the_resolver_fail(
    app: ASGIApp, identifier: bytes, query: str
) -> None:
    target = b"/1.0/identifiers/" + identifier.replace(b" ", b"%20").replace(b"#", b"%23")
    answer = await ask(app, target + b"?" + query.encode())

    assert answer.status in {200, 303, 400, 404, 406, 410, 501}
    if answer.status != 303:
        assert answer.json.keys() in (
            {"didResolutionMetadata", "didDocument", "didDocumentMetadata"},
            {"dereferencingMetadata", "contentStream", "contentMetadata"},
        )


async def test_other_methods_are_named_where_they_are_refused(
    app: ASGIApp, active: History
) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await ask(app, f"/1.0/identifiers/{active.did}", method)
        assert answer.status == 405
        assert {"GET", "HEAD"} <= set(answer.headers["allow"].replace(" ", "").split(","))
        assert answer.media_type == "application/problem+json"

    assert (await ask(app, "/nothing/here")).status == 404
    assert (await ask(app, f"/1.0/identifiers/{active.did}", "HEAD")).status == 200


class Failing(Examples):
    """Logs that cannot be read, for whatever reason."""

    def __init__(self, error: Exception) -> None:
        super().__init__(SetClock())
        self.error = error

    async def find(self, did: str) -> History | None:
        assert did
        raise self.error


@requirement("identity.resolver")
async def test_a_log_that_does_not_hold_is_told_with_the_code_of_the_rule(
    active: History, resolvers: Resolvers
) -> None:
    damaged = Failing(LogError(LogCode.BAD_HASH, "The hash does not fit", entry=2))

    answer = await get(resolvers(damaged, SetClock()), active.did)

    assert (answer.status, answer.error) == (500, "INVALID_DID_DOCUMENT")
    assert "BAD_HASH" in answer.json["didResolutionMetadata"]["error"]["detail"]


async def test_a_failure_of_the_resolver_is_an_error_that_tells_nothing_of_it(
    active: History, resolvers: Resolvers
) -> None:
    app = resolvers(Failing(OSError("the vault of Ada")), SetClock())

    answer = await ask(app, f"/1.0/identifiers/{active.did}", failing=OSError)

    assert (answer.status, answer.error) == (500, "INTERNAL_ERROR")
    assert b"Ada" not in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"
