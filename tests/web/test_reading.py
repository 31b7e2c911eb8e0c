"""Pure rules of the pages: names of browsers, moments, messages, the OpenAPI document."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mnemosyne.accounts.device_names import device_name
from mnemosyne.http.statuses import STATUSES
from mnemosyne.web.messages import ADVICE, messages, phrase_of
from mnemosyne.web.openapi_reading import common_of, nouns_of, schemas_of
from mnemosyne.web.templates import linked, quoting, rfc3339, spoken

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150 Safari/5"
)
DOCUMENT = {
    "paths": {
        "/v1/things/{thing}": {
            "put": {
                "operationId": "change_thing",
                "tags": ["things"],
                "summary": "Change Thing",
                "description": "Change a thing.",
                "security": [{"session": ["memory:write"]}, {"token": ["memory:write"]}],
                "x-step-up": True,
                "parameters": [
                    {
                        "name": "thing",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "pattern": "^x$"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    },
                },
                "responses": {
                    "200": {
                        "description": "Successful Response",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                        },
                    },
                    "404": {"description": "`memory-not-found`, `no-such-page`", "content": {}},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "description": "A thing.",
                "required": ["sizes"],
                "properties": {
                    "sizes": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
                    "days": {"type": "integer", "default": 90},
                    "kind": {"anyOf": [{"const": "a"}, {"$ref": "#/components/schemas/Kind"}]},
                },
            },
            "Kind": {"enum": ["b", "c"]},
        }
    },
}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/150", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0", "Firefox on Windows"),
        ("curl/8", "A browser"),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_as_a_person_would_name_it(said: str, name: str) -> None:
    assert device_name(said) == name


def test_a_moment_is_exact_for_programs_and_in_words_for_people() -> None:
    moment = datetime(2026, 3, 4, 1, 2, 3, 999, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(moment) == "2026-03-03T23:02:03Z"
    assert spoken(moment) == "3 March 2026, 23:02 UTC"
    assert spoken(datetime(2026, 12, 31, tzinfo=UTC)) == "31 December 2026, 00:00 UTC"


def test_what_stands_between_backticks_is_code_and_nothing_else_is_markup() -> None:
    assert quoting("Run `a <b>` & rest") == "Run <code>a &lt;b&gt;</code> &amp; rest"


def test_a_type_links_to_what_it_names() -> None:
    assert linked("list of Thing or <x>", ["Thing"]) == (
        'list of <a href="#schema-Thing">Thing</a> or &lt;x&gt;'
    )
    assert linked("a & b", []) == "a &amp; b"


def test_every_message_says_what_it_means_and_what_to_do() -> None:
    found = messages()

    assert set(STATUSES) <= set(found)
    assert set(ADVICE) <= set(found)
    for message in found.values():
        assert message.advice.endswith(".")
        assert message.meaning.endswith(".")
        assert message.meaning != f"{phrase_of(message.status)}."


def test_the_document_is_read_as_people_read_it() -> None:
    ((noun,), (kind, thing)) = nouns_of(DOCUMENT), schemas_of(DOCUMENT)
    (operation,) = noun.operations

    assert (noun.name, operation.method, operation.about) == ("things", "PUT", "Change a thing.")
    assert operation.admits == "A session or a token with memory:write."
    assert operation.step_up
    assert [(each.name, each.place, each.type, each.required) for each in operation.fields] == [
        ("thing", "path", "string, as ^x$", True),
        ("sizes", "body", "list of integer, 3 at most", True),
        ("days", "body", "integer", False),
        ("kind", "body", "'a' or Kind", False),
    ]
    assert [each.default for each in operation.fields] == ["", "", "90", ""]
    assert [(each.status, each.type, each.about) for each in operation.answers] == [
        ("200", "Thing", "")
    ]
    assert operation.refusals == ["memory-not-found", "no-such-page"]
    assert common_of([noun]) == ["memory-not-found", "no-such-page"]
    assert (kind.values, thing.about) == (["b", "c"], "A thing.")
