"""docs/api.md says what there is: its tables are those of the code, and its examples work."""

import json
import re
import shlex
from dataclasses import dataclass

import pytest

from mnemosyne.accounts.tokens import GRANTABLE
from mnemosyne.api.app import openapi_document
from mnemosyne.http.limits import Rates
from mnemosyne.kit.principal import Scope
from tests.house.tree import ROOT
from tests.requirements import requirement
from tests.serving import ADDRESS, Served
from tools import api_tables

PAGE = api_tables.PAGE.read_text("utf-8")
EXAMPLES = [
    command
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for command in re.findall(r"^curl .*?(?:[^\\]\n|\Z)", block, re.DOTALL | re.MULTILINE)
]


@dataclass(frozen=True, slots=True)
class Request:
    """What a curl command would send."""

    url: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, command: str) -> "Request":
        words = shlex.split(command.replace("\\\n", " "))
        assert words[:2] == ["curl", "-s"]
        url, headers, body = words[2], {}, b""
        for option, value in zip(words[3::2], words[4::2], strict=True):
            if option == "-H":
                name, _, text = value.partition(": ")
                headers[name] = text
            elif option == "-d":
                body = value.encode()
            else:
                assert option == "--data-binary"
                body = b"# A page\n\nWritten on a Monday.\n"
        assert headers.pop("Authorization") == "Bearer $MNEM_TOKEN"
        return cls(url, headers, body)


@requirement("serving.documented")
def test_every_operation_and_every_code_stands_in_the_page_as_the_code_has_it() -> None:
    made = api_tables.rendered(PAGE)

    assert made == PAGE, "run: python -m tools.api_tables"
    for method, path, _ in api_tables.operations():
        assert f"| `{method} {path}` |" in PAGE


def test_an_operation_or_a_code_that_is_missing_from_the_page_is_noticed() -> None:
    without = PAGE.replace("| `POST /v1/erasures` |", "| `POST /v1/elsewhere` |")
    other = PAGE.replace("`misdirected-request`", "`astray`")

    assert api_tables.rendered(without) == PAGE != without
    assert api_tables.rendered(other) == PAGE != other


@requirement("serving.documented")
@pytest.mark.parametrize("command", EXAMPLES, ids=range(len(EXAMPLES)))
async def test_each_example_does_what_it_shows(served: Served, command: str) -> None:
    request = Request.of(command)
    script = await served.with_token(served.ada, [Scope.MEMORY_READ, Scope.MEMORY_WRITE])
    assert request.url.startswith(ADDRESS.origin)

    answer = await script.post(request.url, content=request.body, headers=request.headers)

    assert 200 <= answer.status_code < 300, answer.text


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


async def test_the_problem_that_is_shown_is_a_real_one(served: Served) -> None:
    shown = re.search(r"```json\n(\{.*?\n\})\n```", PAGE, re.DOTALL)
    assert shown is not None
    answer = await served.client().get("/v1/memories")

    assert answer.json() == json.loads(shown[1])


def test_the_limits_that_are_shown_are_the_real_ones() -> None:
    shown = dict(re.findall(r"^\| ([a-z][^|`]+) \| (\d+) \|$", PAGE, re.MULTILINE))
    rates = Rates.of()

    assert shown == {
        "a person": str(rates.person),
        "a token": str(rates.token),
        "an address where nobody is signed in": str(rates.stranger),
        "signing in, confirming": str(rates.sign_in),
        "enrolling": str(rates.enrolment),
        "recovery codes; entries pushed to a log": str(rates.recovery),
        "entries pushed to one DID's log": str(rates.did),
    }
    assert (rates.sign_in, rates.recovery) == (rates.step_up, rates.push)


def test_the_scopes_that_a_token_can_have_are_named() -> None:
    sentence = re.search(r"What can be granted: (.*?)\. Never", PAGE, re.DOTALL)
    assert sentence is not None

    assert set(re.findall(r"`([a-z:]+)`", sentence[1])) == {str(each) for each in GRANTABLE}


def test_what_the_page_mentions_exists() -> None:
    mentioned = set(re.findall(r"`(?:(?:GET|POST|PUT|PATCH|DELETE) )?(/v1/[^`?]*)`", PAGE))
    paths = {path for _, path, _ in api_tables.operations()}

    assert mentioned <= paths
    assert (ROOT / "docs" / "resolver.md").exists()


def test_every_schema_has_a_name_of_its_own() -> None:
    names = openapi_document()["components"]["schemas"]

    assert [name for name in names if "__" in name] == []
