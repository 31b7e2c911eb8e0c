from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnemosyne.identity.resolving_errors import ErrorType, ProblemError
from mnemosyne.identity.service_urls import service_url
from tests.requirements import requirement

ENDPOINT = "https://ada.example/files/"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (None, "https://ada.example/files/"),
        ("diary.txt", "https://ada.example/files/diary.txt"),
        ("a/b%20c/d", "https://ada.example/files/a/b%20c/d"),
        ("t%C3%A4gebuch%25C3%25A4", "https://ada.example/files/t%C3%A4gebuch%25C3%25A4"),
        ("/diary.txt", "https://ada.example/diary.txt"),
        ("?q=1", "https://ada.example/files/?q=1"),
        ("/doc?version=latest#intro", "https://ada.example/doc?version=latest#intro"),
        ("a:b/c", None),
        ("./diary.txt", None),
        ("a..b/...c", "https://ada.example/files/a..b/...c"),
        (
            "x?url=http://other.example/../y",
            "https://ada.example/files/x?url=http://other.example/../y",
        ),
    ],
)
def test_a_reference_is_resolved_against_the_service(reference: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ProblemError):
            service_url(ENDPOINT, reference, None)
    else:
        assert service_url(ENDPOINT, reference, None) == expected


@requirement("identity.relative-reference")
@pytest.mark.parametrize(
    "reference",
    [
        "..",
        "../secret",
        "/../secret",
        "a/../../secret",
        "a/..",
        "/a/.",
        "%2e%2e/secret",
        "%2E%2E%2Fsecret",
        ".%2e/secret",
        "a%2f..%2f..%2fsecret",
        "%252e%252e/secret",
        "%25252e%25252e/secret",
        "..;/secret",
        "%2e%2e;x=1/secret",
        "//other.example/",
        "/%2fother.example/",
        "%2f%2fother.example/",
        "///other.example",
        "/\\other.example",
        "\\\\other.example",
        "/%5cother.example",
        "%5c%5cother.example",
        "%255c%255cother.example",
        "https://other.example/",
        "HTTPS:other",
        "javascript:alert(1)",
        "data:text/html,x",
        "a:b",
        ":",
        "@other.example:80/",
        "a%0d%0aSet-Cookie:x=1",
        "a%250aX",
        "a\r\nLocation: https://other.example",
        "a\tb",
        "a b",
        "a%00b",
        "a%7fb",
        "%c0%ae%c0%ae/secret",
        "%25c0%25ae%25c0%25ae/secret",
        "..%c0%afsecret",
        "%e0%80%ae%e0%80%ae/secret",
        "a?q=%ff",
        "a%zz",
        "a%2",
        "%",
        "ä",
        "<script>",
        'a"b',
        "a|b",
        "a#b#c",
        "",
        "a" * 2_049,
        "%25252525252e%25252525252e/x",
    ],
)
def test_a_reference_that_could_lead_elsewhere_is_refused(reference: str) -> None:
    with pytest.raises(ProblemError) as refused:
        service_url(ENDPOINT, reference, None)

    assert refused.value.problem.type is ErrorType.INVALID_DID_URL


@requirement("identity.relative-reference")
@settings(max_examples=60)
@given(st.text(alphabet="./\\%25ef:#?@;aA&= \t\n", max_size=16))
def test_no_reference_leaves_the_origin_or_steps_up(reference: str) -> None:
    try:
        url = service_url(ENDPOINT, reference, None)
    except ProblemError:
        return

    assert urlsplit(url)[:2] == ("https", "ada.example")
    assert "\\" not in url
    assert ".." not in urlsplit(url).path.split("/")


@pytest.mark.parametrize(
    "endpoint",
    [
        {"uri": "https://ada.example"},
        ["https://ada.example"],
        None,
        "",
        "did:mnem:somebody",
        "javascript:alert(1)",
        "mailto:ada@ada.example",
        "https://",
        "https://ada:secret@ada.example/",
        "https://ada.example/\r\nX: y",
        "https://ada.example/ä",
        "https://ada.example/a b",
        "https://[::1",
        "https://ada.example/" + "a" * 2_048,
    ],
)
def test_a_service_without_one_web_address_leads_nowhere(endpoint: object) -> None:
    with pytest.raises(ProblemError) as refused:
        service_url(endpoint, None, None)

    assert refused.value.problem.type is ErrorType.FEATURE_NOT_SUPPORTED


def test_a_fragment_follows_to_the_service() -> None:
    assert service_url(ENDPOINT, "a", "b") == f"{ENDPOINT}a#b"


@pytest.mark.parametrize(
    ("endpoint", "reference", "fragment"),
    [("https://ada.example/#a", None, "b"), (ENDPOINT, "a#b", "c"), (ENDPOINT, "a", "b\r\nc")],
)
def test_a_fragment_that_cannot_follow_is_refused(
    endpoint: str, reference: str | None, fragment: str
) -> None:
    with pytest.raises(ProblemError) as refused:
        service_url(endpoint, reference, fragment)

    assert refused.value.problem.type is ErrorType.INVALID_DID_URL


def test_quoting_once_more_makes_no_reference_harmless() -> None:
    bad = "../secret"
    for _ in range(6):
        with pytest.raises(ProblemError):
            service_url(ENDPOINT, bad, None)
        bad = quote(bad, safe="")
