import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.memories.enrichment import secret_patterns, secrets
from mnemosyne.memories.model import SecretState
from tests.memories.enrichment.ordinary import sentences
from tests.requirements import requirement

# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "password: hunter2!": "hunter2!",
    "The wifi password is Tr0ub4dor&3.": "Tr0ub4dor&3",
    "wifi password: sunflower": "sunflower",
    "PASSWORD='correct horse battery'": "correct horse battery",
    "DB_PASSWORD=abcdef": "abcdef",
    "Passwort: Sommer2024!": "Sommer2024!",
    "mot de passe : Ete2024x": "Ete2024x",
    "PIN: 4821": "4821",
    "api_key = sk1234567890abcdef": "sk1234567890abcdef",
    "client_secret: 8f7d9a8s7df98a7sdf": "8f7d9a8s7df98a7sdf",
    "export TOKEN=abcdef123456": "abcdef123456",
    "see postgres://me:s3cret@host/db": "s3cret",
    "key " + "ghp_" + "a1B2" * 9: "ghp_" + "a1B2" * 9,
    "AKIA" + "IOSFODNN7EXAMPLE": "AKIA" + "IOSFODNN7EXAMPLE",
    "xoxb-" + "123456789012-abcdef": "xoxb-" + "123456789012-abcdef",
    "sk_" + "live_" + "4" * 24: "sk_" + "live_" + "4" * 24,
    "sk-ant-" + "api03-" + "x" * 40: "sk-ant-" + "api03-" + "x" * 40,
    "Authorization: Bearer " + "abcdefghij" * 3: "Bearer " + "abcdefghij" * 3,
    "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN": (
        "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN"
    ),
    "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\n-----END " + "RSA PRIVATE KEY-----": (
        "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\n-----END " + "RSA PRIVATE KEY-----"
    ),
}
MOST_FALSE = 0.005


@requirement("secrets.patterns")
@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_keys_tokens_and_passwords_of_known_forms_are_flagged(text: str, secret: str) -> None:
    text = f"Noted today.\n{text}\nMore to come."

    (found,) = secrets.inspect(text)

    assert text[found.start : found.end] == secret
    assert secrets.checked(text, SecretState.UNCHECKED) is SecretState.FLAGGED


@requirement("secrets.patterns")
def test_ordinary_sentences_are_hardly_ever_flagged() -> None:
    texts = sentences()

    wrong = [text for text in texts if secrets.inspect(text)]

    assert len(texts) >= 600
    assert len(wrong) <= MOST_FALSE * len(texts), wrong


@pytest.mark.parametrize(
    "text",
    [
        "Password: I forgot it again.",
        "The secret: patience.",
        "My password was stolen last year.",
        "password: ${DB_PASS}",
        "password=<your password>",
        "Set a passphrase: long ones are better.",
        "APFELKUCHEN for all",
        "https://example.org:8080/a@b",
    ],
)
def test_speaking_of_secrets_is_no_secret(text: str) -> None:
    assert secrets.inspect(text) == ()
    assert secrets.checked(text, SecretState.UNCHECKED) is SecretState.CLEAR


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_masking_removes_the_secret_and_leaves_nothing_to_flag(text: str, secret: str) -> None:
    masked = secrets.redact(f"before\n{text}\nafter")

    assert secret not in masked
    assert masked.startswith("before\n")
    assert secrets.inspect(masked) == ()


def test_what_its_person_cleared_stays_cleared_until_an_edit() -> None:
    text = "password: hunter2!"

    assert secrets.checked(text, SecretState.CLEARED) is SecretState.CLEARED
    assert secrets.checked(text, SecretState.UNCHECKED) is SecretState.FLAGGED


def test_a_secret_deep_in_a_long_line_is_found_whole() -> None:
    token = "ghp_" + "a1B2" * 9
    text = "x " * 5000 + token + " y" * 5000

    (found,) = secrets.inspect(text)

    assert text[found.start : found.end] == token


def test_threads_get_the_same_answers() -> None:
    texts = [*SECRETS, *sentences(200)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(secrets.inspect, texts))

    assert together == [secrets.inspect(text) for text in texts]


@pytest.mark.parametrize("piece", ["eyJ", "://a:", "//:_authToken", "password: ", "aws key ", "a."])
def test_a_long_hostile_text_ends(piece: str) -> None:
    assert secrets.inspect(piece * (256 * 1024 // len(piece))) == ()


@pytest.mark.parametrize(
    "piece",
    [
        "eyJaaaa.",
        "eyJ" + "a" * 26 + "." + "b" * 17 + ".",
        "//" * 2000 + "/:_authToken",
        ("sk-" + "a" * 21) * 160 + "T3BlbkFJ ",
        "AKIA",
        "pin:1234,",
    ],
)
def test_a_megabyte_of_half_finished_tokens_ends(piece: str) -> None:
    assert len(secrets.inspect(piece * (1024 * 1024 // len(piece)))) <= 1


PIECES = ["eyJ", "a" * 20, "T3BlbkFJ", ".", "-", "_", "=", " ", "sk-", "//", "/:_authToken=", "\t"]
PIECES += ["npm_x", "aws", "aWs", "key", "token", '"', "'", "A" * 40, "deadbeef-" * 4, "b"]


@pytest.mark.parametrize("library", secret_patterns.library_patterns())
@given(text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_linear_pattern_finds_what_that_of_the_library_finds(
    library: secret_patterns.SecretPattern, text: str
) -> None:
    def found(pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        return [
            match.span(1 if match.lastindex == 1 and match[1] else 0)
            for match in pattern.finditer(text)
        ]

    assert found(secret_patterns.linear(library.pattern)) == found(library.pattern)


def test_every_pattern_that_was_made_linear_is_still_one_of_the_library() -> None:
    known = {each.pattern.pattern for each in secret_patterns.library_patterns()}

    assert known >= secret_patterns.LINEAR.keys()


@given(st.text())
def test_any_text_can_be_masked_twice(text: str) -> None:
    once = secrets.redact(text)

    assert secrets.inspect(once) == ()


@pytest.mark.parametrize("letter", ["\u0131", "\u0130"])
def test_a_pin_is_found_however_its_i_is_written(letter: str) -> None:
    assert [span.kind for span in secrets.inspect(f"p{letter}n: 4821")] == ["PIN"]


def test_a_key_in_letters_that_only_fold_to_it_is_found() -> None:
    assert secrets.inspect("pa\u017f\u017fword: hunter2!")
