from datetime import UTC, datetime

import pytest

from mnemosyne.identity.resolution_options import ResolutionOptions, read_options
from mnemosyne.identity.resolving_errors import ErrorType, ProblemError


def test_a_version_is_named_by_its_identifier_or_its_time() -> None:
    assert read_options([]) == ResolutionOptions()
    assert read_options([("versionId", "1-bciq")]).version_id == "1-bciq"
    assert read_options([("versionTime", "2026-11-24T09:10:00Z")]).version_time == datetime(
        2026, 11, 24, 9, 10, tzinfo=UTC
    )
    assert read_options([("expandRelativeUrls", "true")]).expand_relative_urls


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-07 12:30:45",
        "2025/10/07T12:30:45",
        "2025-13-07T12:30:45Z",
        "2025-10-32T12:30:45Z",
        "2025-02-29T12:30:45Z",
        "2025-10-07T25:00:00Z",
        "2025-10-07T12:30:60Z",
        "2025-10-07T12:30:45+24:00",
        "2025-10-07",
        "2025-10-07T12:30:45abc",
        "T12:30:45",
        "2025-10-07T00:00:00+02:00",
        "2025-10-07T00:00:00-05:00",
        "2025-10-07T00:00:00",
        "2025-10-07T00:00:00.123Z",
        "2025-10-07T00:00:00+00:00",
        "2025-10-07t00:00:00z",
        "0000-10-07T00:00:00Z",
        "２025-10-07T00:00:00Z",
        "Привет",
        "",
        "2025-10-07T00:00:00Z\n",
    ],
)
def test_a_time_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read_options([("versionTime", text)])

    assert refused.value.problem.type is ErrorType.INVALID_OPTIONS


@pytest.mark.parametrize(
    "pairs",
    [
        [("versionId", "1-a"), ("versionTime", "2026-11-24T09:10:00Z")],
        [("versionId", "1-a"), ("versionId", "1-a")],
        [("versionId", "")],
        [("versionId", "🔥")],
        [("versionId", "a\x7f")],
        [("versionId", "a" * 257)],
        [("hl", "こんにちは")],
        [("", "a")],
        [("ключ", "a")],
        [("expandRelativeUrls", "yes")],
    ],
)
def test_options_that_say_nothing_clear_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ProblemError) as refused:
        read_options(pairs)

    assert refused.value.problem.type is ErrorType.INVALID_OPTIONS


@pytest.mark.parametrize("name", ["noCache", "hl", "VersionId", "versionID", "proof"])
def test_an_option_that_is_not_known_is_not_passed_over(name: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read_options([(name, "true")])

    assert refused.value.problem.type is ErrorType.FEATURE_NOT_SUPPORTED
