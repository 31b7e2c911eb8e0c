"""Text and JSON from hell: refused with a problem or kept as it is, and never a failure of ours."""

import json
from typing import Any

from mnemosyne.kit.text import REPLACEMENT
from tests.api.remembering import code_of, keyed
from tests.requirements import requirement
from tests.serving import Served

JSON = {"Content-Type": "application/json"}


@requirement("serving.hostile-text")
async def test_hostile_text_is_kept_and_found_as_data(served: Served) -> None:
    ada = await served.as_person(served.ada)
    texts = (
        "NUL \x00 within",
        "\u202eright to left\u202c",
        "zero\u200bwidth \ufeff \u2066isolated\u2069",
        "e\u0301 is \u00e9",
        "<script>alert(1)</script>&amp;\"'",
        '" OR 1=1 --); DROP TABLE memory; *',
        "a" * 100_000,
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0010ffff",
    )

    for text in texts:
        made = await ada.post(
            "/v1/memories",
            json={"content": text, "title": text[:255], "tags": [text[:40]], "domains": [text[:9]]},
            headers=keyed(),
        )
        assert made.status_code == 201, made.text[:300]
        kept = await ada.get(made.headers["location"])
        assert kept.json()["content"] == text.replace("\x00", REPLACEMENT)
        assert kept.headers["content-type"] == "application/json"
        for path, body in (
            ("/v1/search", {"question": text[:8_000]}),
            ("/v1/search", {"question": "x", "person": text[:128], "tag": text[:40]}),
            ("/v1/list", {"person": text[:128], "domain": text[:128], "source": text[:64]}),
            ("/v1/people", {"name": text[:128], "aliases": [text[:9]]}),
        ):
            assert (await ada.post(path, json=body)).status_code in {200, 409}, path
    assert (await ada.get("/v1/people")).status_code == 200


BODIES: tuple[tuple[bytes, tuple[int, str]], ...] = (
    (b'{"content": "half \\ud800"}', (400, "malformed-json")),
    (b'{"content": "\xff"}', (400, "malformed-json")),
    (b'{"content": "x", "content": "y"}', (400, "malformed-json")),
    (b'{"content": "x", "importance": NaN}', (400, "malformed-json")),
    (b'{"content": "x", "importance": 1e999}', (400, "malformed-json")),
    (b'{"content": "x", "importance": 123456789012345678901}', (400, "malformed-json")),
    (b"[" * 100_000, (400, "malformed-json")),
    (b'{"content": ' + b'{"a":' * 50 + b"1" + b"}" * 51, (400, "malformed-json")),
    (b"", (422, "invalid-request")),
    (b"null", (422, "invalid-request")),
    (b'{"content": "x", "importance": true}', (422, "invalid-request")),
    (b'{"content": "x", "importance": "0.5"}', (422, "invalid-request")),
    (b'{"content": "x", "importance": 9007199254740991}', (422, "invalid-request")),
    (b'{"content": "x", "never_share": 1}', (422, "invalid-request")),
    (b'{"content": "x", "type": "spell"}', (422, "invalid-request")),
    (b'{"content": "x", "owner": "0193c1e2a4b87f0c9d3e5a6b7c8d9e0f"}', (422, "invalid-request")),
    (b'{"content": "x", "tags": "lake"}', (422, "invalid-request")),
    (b'{"content": "x", "tags": [""]}', (422, "invalid-request")),
    (b'{"content": "x", "occurred": {"at": "2025-03-12"}}', (422, "invalid-request")),
    (b'{"content": " \\u00a0\\n"}', (422, "invalid-request")),
    (b'{"content": "' + b"x" * (2 << 20) + b'"}', (422, "invalid-request")),
    (b'{"content": "' + "ü".encode() * 600_000 + b'"}', (413, "content-size")),
    (b'{"content": "' + b"x" * (9 << 20) + b'"}', (413, "body-too-large")),
)


@requirement("serving.hostile-text")
async def test_a_body_that_is_none_is_refused(served: Served) -> None:
    ada = await served.as_person(served.ada)

    for body, expected in BODIES:
        answer = await ada.post("/v1/memories", content=body, headers={**JSON, **keyed()})
        assert code_of(answer) == expected, body[:80]
        assert len(answer.content) < 8_192  # what was sent does not come back


async def test_a_body_over_the_limit_of_small_ones_is_refused(served: Served) -> None:
    ada = await served.as_person(served.ada)
    large = json.dumps({"question": "x" * (2 << 20)})

    answer = await ada.post("/v1/search", content=large, headers=JSON)
    form = await ada.post(
        "/v1/search", content="question=x", headers={"Content-Type": "text/plain"}
    )

    assert code_of(answer) == (413, "body-too-large")
    assert code_of(form) == (415, "unsupported-media-type")


async def test_addresses_and_headers_are_checked_like_bodies(served: Served) -> None:
    ada = await served.as_person(served.ada)
    ids: tuple[Any, ...] = (
        "8d9e0f",  # the end of one is for the shell
        "0193C1E2A4B87F0C9D3E5A6B7C8D9E0F",
        "0193c1e2-a4b8-7f0c-9d3e-5a6b7c8d9e0f",
        "0193c1e2a4b87f0c9d3e5a6b7c8d9e0f%0A",
        "%00",
        "..%2f..%2fetc",
        "٠" * 32,
    )

    for each in ids:
        answer = await ada.get(f"/v1/memories/{each}")
        assert code_of(answer) in {(422, "invalid-request"), (404, "no-such-page")}, each
    for query in (
        "limit=0",
        "limit=201",
        "limit=99999999999999999999999",
        "limit=1e3",
        "order=score",
        "after=2025-03-12",
        "after=",
        "history=1",
        "min_importance=nan",
        "min_importance=2",
        "thread_id=abc",
        "tag=lake",
        "person=Tom",
        "cursor=%00",
        "cursor=" + "a" * 4_097,
    ):
        assert code_of(await ada.get(f"/v1/memories?{query}")) == (422, "invalid-request"), query
    for key in (None, "", "a b", "\x7f", "x" * 101):
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await ada.post("/v1/memories", json={"content": "x"}, headers=headers)
        assert code_of(answer) == (422, "invalid-request"), key
