import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.api.identity.negotiation import preferred

OFFERED = ("application/did-resolution", "application/did", "application/did+json")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/did-resolution"),
        ("  ", "application/did-resolution"),
        ("*/*", "application/did-resolution"),
        ("application/*", "application/did-resolution"),
        ("application/did", "application/did"),
        ("APPLICATION/DID", "application/did"),
        ("application/did;q=0.5, application/did+json", "application/did+json"),
        ("application/did;q=0.5, application/did+json;q=0.4", "application/did"),
        ("text/html, */*;q=0.1", "application/did-resolution"),
        ("*/*;q=0.1, application/did+json;q=0.2", "application/did+json"),
        ("application/did-resolution;q=0, */*", "application/did"),
        ("application/did+json ; q=1.000", "application/did+json"),
        ('application/did+json;profile="https://example.org"', "application/did+json"),
        ("text/html, , application/did", "application/did"),
    ],
)
def test_the_form_that_is_preferred_is_given(accept: str, chosen: str) -> None:
    assert preferred(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "*/*;q=0",
        "application/did;q=0",
        "application/did;q=2",
        "application/did;q=high",
        "application/did;q=0.12345",
        "application",
        "did",
        "*/did",
        "application/didx",
        ",",
    ],
)
def test_what_cannot_be_given_is_not_given(accept: str) -> None:
    assert preferred(accept, OFFERED) is None


def test_the_more_exact_range_says_how_much_a_form_is_wanted() -> None:
    accept = "application/*;q=0.9, application/did;q=0.1, */*;q=1"

    assert preferred(accept, ("application/did", "application/json")) == "application/json"


def test_a_long_header_is_read_in_part_only() -> None:
    assert preferred("text/html," * 40 + "application/did", OFFERED) is None


@settings(max_examples=40)
@given(st.text(max_size=80))
def test_whatever_is_accepted_an_offer_or_nothing_is_chosen(accept: str) -> None:
    assert preferred(accept, OFFERED) in {*OFFERED, None}
