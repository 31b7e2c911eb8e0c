import asyncio
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Message

from mnemosyne.api.identity.logs import Logs
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.identity import authoring
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.examples import UNKNOWN, Examples, key_of
from mnemosyne.identity.log import History, evaluate, lines, read_log
from mnemosyne.identity.parameters import key_hash
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey
from tests.api.asgi import Answer, ask
from tests.clock import SetClock
from tests.requirements import requirement
from tests.resolvers import Resolvers

JSON_LINES = "application/jsonl"
PUSHES = Rates.of().push


@pytest.fixture
def examples(clock: SetClock) -> Examples:
    return Examples(clock)


@pytest.fixture
def app(examples: Examples, clock: SetClock, resolvers: Resolvers) -> ASGIApp:
    return resolvers(examples, clock)


@pytest.fixture
def active(examples: Examples) -> History:
    return examples.history(examples.active)


def following(history: History, clock: SetClock, next_key: str = "next") -> Entry:
    """Write the next entry of the example, with the keys that everybody has."""
    return authoring.update(
        history,
        key_of("updated hot 3"),
        next_key_hashes=[key_hash(encode_multikey(key_of(next_key).public))],
        document=history.document or {},
        time=clock().replace(microsecond=0),
    )


async def push(
    app: ASGIApp, did: str, *body: bytes, media_type: str = JSON_LINES, client: str = "192.0.2.1"
) -> Answer:
    headers = {"Content-Type": media_type}
    return await ask(app, f"/1.0/mnem/{did}/log", "POST", headers, body, client)


@requirement("identity.submission")
async def test_a_log_is_served_whole_and_proves_itself(
    app: ASGIApp, active: History, clock: SetClock
) -> None:
    answer = await ask(app, f"/1.0/mnem/{active.did}/log.jsonl")
    again = await ask(
        app, f"/1.0/mnem/{active.did}/log.jsonl", headers={"If-None-Match": answer.headers["etag"]}
    )

    assert answer.media_type == JSON_LINES
    assert answer.body == lines(active.entries)
    assert evaluate(active.did, read_log(answer.body), clock()) == active
    assert again.status == 304


async def test_no_receipts_are_served_since_none_are_issued(app: ASGIApp, active: History) -> None:
    answer = await ask(app, f"/1.0/mnem/{active.did}/witness.json")

    assert (answer.status, answer.json) == (200, [])


@requirement("identity.submission")
async def test_entries_that_extend_a_hosted_log_are_taken(
    app: ASGIApp, active: History, clock: SetClock
) -> None:
    entry = following(active, clock)

    answer = await push(app, active.did, entry.line + b"\n")

    resolved = await ask(app, f"/1.0/identifiers/{active.did}")
    assert answer.status == 200
    assert answer.json == {
        "did": active.did,
        "versionId": entry.version_id,
        "entries": 3,
        "equivocation": False,
    }
    assert resolved.json["didDocumentMetadata"]["versionId"] == entry.version_id


async def test_a_log_that_is_known_already_may_be_pushed_again(
    app: ASGIApp, active: History
) -> None:
    answer = await push(app, active.did, lines(active.entries))

    assert (answer.status, answer.json["entries"]) == (200, 2)


@requirement("identity.submission")
async def test_a_rival_is_kept_and_reported_and_replaces_nothing(
    app: ASGIApp, active: History, clock: SetClock
) -> None:
    first, rival = following(active, clock), following(active, clock, "rival")
    await push(app, active.did, first.line)

    answer = await push(app, active.did, rival.line)

    resolved = (await ask(app, f"/1.0/identifiers/{active.did}")).json
    served = await ask(app, f"/1.0/mnem/{active.did}/log.jsonl")
    assert answer.status == 200
    assert answer.json["equivocation"] is True
    assert answer.json["versionId"] == first.version_id
    assert resolved["didDocumentMetadata"]["versionId"] == first.version_id
    assert resolved["didDocumentMetadata"]["equivocation"] is True
    assert rival.line in served.body


@requirement("identity.submission")
async def test_entries_that_do_not_hold_are_refused_with_the_code_of_the_rule(
    app: ASGIApp, active: History, clock: SetClock
) -> None:
    entry = following(active, clock)
    genesis = active.path[0].line
    bad = {
        b"{": "UNKNOWN_MEMBER",
        b"": "",
        b"\xff\n": "UNKNOWN_MEMBER",
        entry.line.replace(b'"update"', b'"create"'): "",
        entry.line[:-1] + b',"more":1}': "UNKNOWN_MEMBER",
        genesis.replace(b"node.example", b"evil.example"): "BAD_HASH",
        entry.line + b"\n" + b"[" * 100_000: "",
        b"\n" * 2_001: "LOG_TOO_LONG",
    }
    for number, (data, code) in enumerate(bad.items()):
        answer = await push(app, active.did, data, client=f"192.0.2.{number}")
        if data:
            assert answer.status == 400, data[:40]
            assert answer.media_type == "application/problem+json"
            assert answer.json["detail"].startswith(code)
        else:
            assert answer.status == 200  # nothing was added
    assert (await ask(app, f"/1.0/mnem/{active.did}/log.jsonl")).body == lines(active.entries)


async def test_a_stolen_name_does_not_extend_a_log(
    app: ASGIApp, active: History, examples: Examples
) -> None:
    other = examples.history(examples.deactivated)

    answer = await push(app, active.did, lines(other.entries))

    assert answer.status == 400
    assert answer.json["detail"].startswith("SCID")


async def test_a_key_that_was_not_promised_extends_nothing(
    active: History, clock: SetClock
) -> None:
    with pytest.raises(Exception, match="PRE_ROTATION"):
        authoring.update(
            active,
            SigningKey(bytes(range(32))),
            next_key_hashes=[key_hash(encode_multikey(key_of("x").public))],
            document=active.document or {},
            time=clock().replace(microsecond=0),
        )


@requirement("identity.submission")
@pytest.mark.parametrize("did", [UNKNOWN, "did:mnem:abc", "did:key:z6Mk", "x", "%2e%2e"])
async def test_a_did_that_is_not_hosted_is_answered_as_one_that_does_not_exist(
    app: ASGIApp, active: History, did: str
) -> None:
    answers = [
        await ask(app, f"/1.0/mnem/{did}/log.jsonl"),
        await ask(app, f"/1.0/mnem/{did}/witness.json"),
        await push(app, did, lines(active.entries)),
        await push(app, did, b"nonsense"),
    ]

    assert {each.status for each in answers} == {404}
    assert len({each.body for each in answers}) == 1


@requirement("identity.submission")
async def test_a_body_is_read_no_further_than_a_log_can_be(app: ASGIApp, active: History) -> None:
    part = b"x" * (1024 * 1024)
    read: list[int] = []

    def parts() -> list[bytes]:
        read.append(1)
        return [part] * 5

    streamed = await push(app, active.did, *parts())
    stated = await ask(
        app,
        f"/1.0/mnem/{active.did}/log",
        "POST",
        {"Content-Type": JSON_LINES, "Content-Length": "4194305"},
    )
    malformed = await ask(
        app,
        f"/1.0/mnem/{active.did}/log",
        "POST",
        {"Content-Type": JSON_LINES, "Content-Length": "-1"},
    )

    assert [streamed.status, stated.status, malformed.status] == [413, 413, 413]


async def test_a_body_that_does_not_come_is_not_waited_for_without_end(
    examples: Examples, clock: SetClock
) -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    logs = Logs(examples, Limits(clock), patience=0)
    scope = {
        "type": "http",
        "headers": [(b"content-type", b"application/jsonl")],
        "path_params": {"did": examples.active},
    }

    answer = await logs.submit(Request(scope, never))

    assert answer.status_code == 408


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/json", "application/x-www-form-urlencoded"]
)
async def test_only_json_lines_are_taken(app: ASGIApp, active: History, media_type: str) -> None:
    assert (await push(app, active.did, b"", media_type=media_type)).status == 415


async def test_a_parameter_of_the_media_type_does_no_harm(app: ASGIApp, active: History) -> None:
    answer = await push(app, active.did, media_type="Application/JSONL; charset=utf-8")

    assert answer.status == 200


@requirement("identity.submission")
async def test_pushes_without_end_are_put_off(
    app: ASGIApp, active: History, clock: SetClock
) -> None:
    statuses = [(await push(app, active.did)).status for _ in range(PUSHES)]
    refused = await push(app, active.did)
    of_another = await push(app, active.did, client="192.0.2.2")
    clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    later = await push(app, active.did)

    assert statuses == [200] * PUSHES
    assert refused.status == 429
    assert of_another.status == 200
    assert later.status == 200


@requirement("serving.limits")
async def test_pushes_for_one_did_are_put_off_wherever_they_come_from(
    app: ASGIApp, active: History
) -> None:
    most = Rates.of().did
    clients = [f"192.0.2.{number}" for number in range(most + 1)]

    answers = [await push(app, active.did, client=client) for client in clients]

    assert [answer.status for answer in answers] == [200] * most + [429]
    assert answers[-1].headers["retry-after"] == "60"


async def test_probing_for_hosted_dids_is_put_off_too(app: ASGIApp) -> None:
    statuses = [(await push(app, UNKNOWN)).status for _ in range(PUSHES + 1)]

    assert statuses == [404] * PUSHES + [429]
