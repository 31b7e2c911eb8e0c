"""Problems: the words of an error as RFC 9457 has them, and a status for every code."""

import json
import re
from http import HTTPStatus

import pytest

from mnemosyne.http.problems import MEDIA_TYPE, document_of, of_status, problem_of
from mnemosyne.http.statuses import CODES, FAULT, STATUSES, status_of
from mnemosyne.kit.errors import MnemosyneError
from tests.house.tree import ROOT


class TiredError(MnemosyneError):
    """It wants to rest."""

    code = "busy-now"
    headers = {"Retry-After": "7"}  # noqa: RUF012 - as errors of the node carry them
    members = {"action": {"method": "POST"}}  # noqa: RUF012 - as above


class StrangeError(MnemosyneError):
    """Nobody gave it a status."""

    code = "never-heard-of"


def test_an_error_keeps_its_words_and_gets_a_page_a_status_and_its_extras() -> None:
    answer = problem_of(TiredError("it is tired", why="It worked.", hint="Wait."))

    assert answer.status_code == 503
    assert answer.media_type == MEDIA_TYPE
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(bytes(answer.body)) == {
        "type": "/problems/busy-now",
        "code": "busy-now",
        "title": "It is tired.",
        "status": 503,
        "detail": "It worked.",
        "hint": "Wait.",
        "action": {"method": "POST"},
    }


def test_what_an_error_does_not_say_is_left_out() -> None:
    assert set(document_of(TiredError("x"))) == {"type", "code", "title", "status", "action"}


def test_an_error_without_a_status_is_a_fault_of_ours() -> None:
    assert document_of(StrangeError("x"))["status"] == FAULT == status_of("never-heard-of")


@pytest.mark.parametrize("status", [400, 404, 406, 418])
def test_what_the_framework_decides_is_a_problem_as_well(status: int) -> None:
    document = json.loads(bytes(of_status(status).body))

    assert document["status"] == status
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", document["code"])
    assert document["type"] == f"/problems/{document['code']}"


def test_every_code_has_one_status_that_http_knows_and_an_error_that_carries_it() -> None:
    listed = [code for codes in CODES.values() for code in codes]
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    without = [code for code in listed if source.count(f'"{code}"') < 2]

    assert len(listed) == len(STATUSES)
    assert all(HTTPStatus(status) for status in CODES)
    assert without == []
