"""Styles and scripts: kept for good under their hash, with colours that can be read."""

import posixpath
import re

import pytest

from mnemosyne.web.static_files import StaticFiles
from tests.requirements import requirement
from tests.web.conftest import Site
from tests.web.pages import Page

HEX = re.compile(r"(--[a-z-]+): (#[0-9a-f]{6});")
ANY_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", re.IGNORECASE)
IMPORTED = re.compile(r"^import (?:.* from )?\"([^\"]+)\";|^\} from \"([^\"]+)\";", re.MULTILINE)
SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function")
USED = re.compile(r"var\((--[a-z0-9-]+)\)")
# Text and what lies behind it.
TEXTS = [
    (text, ground)
    for ground in ("--paper", "--paper-raised", "--accent-wash", "--final-wash")
    for text in ("--ink", "--ink-quiet", "--accent", "--accent-strong", "--final")
    if not (text == "--final" and ground == "--accent-wash")
] + [("--on-accent", "--accent"), ("--on-accent", "--accent-strong"), ("--on-final", "--final")]
EDGES = [("--edge", "--paper"), ("--edge", "--paper-raised"), ("--accent", "--paper")]


def files(ending: str) -> dict[str, str]:
    contents = StaticFiles.of_package().contents
    return {path: data.decode() for path, data in contents.items() if path.endswith(ending)}


def colours_of(scheme: str) -> dict[str, str]:
    light, dark = files("tokens.css")["css/tokens.css"].split("prefers-color-scheme: dark")
    return dict(HEX.findall(light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(c * w for c, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@requirement("web.legible")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground(scheme: str) -> None:
    colours = colours_of(scheme)
    faint = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in TEXTS
        if contrast(colours[text], colours[ground]) < 4.5
    }

    assert faint == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edges_of_what_can_be_used_are_seen(scheme: str) -> None:
    colours = colours_of(scheme)
    faint = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in EDGES
        if contrast(colours[pair[0]], colours[pair[1]]) < 3
    }

    assert faint == {}


def test_colours_stand_among_the_tokens_and_every_token_that_is_used_exists() -> None:
    sheets = files(".css")
    tokens = set(re.findall(r"^\s+(--[a-z0-9-]+):", sheets.pop("css/tokens.css"), re.MULTILINE))

    assert {path: found for path, css in sheets.items() if (found := ANY_COLOUR.findall(css))} == {}
    assert {name for css in sheets.values() for name in USED.findall(css)} <= tokens


@requirement("web.policy")
def test_modules_import_each_other_alone_and_write_no_markup() -> None:
    modules = files(".js")

    for path, source in modules.items():
        assert SINKS.findall(source) == [], path
        for one, other in IMPORTED.findall(source):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), one or other))
            assert target in modules, f"{path} imports {one or other}"


def test_another_content_has_another_address() -> None:
    one, other = StaticFiles.of({"a": b"x"}), StaticFiles.of({"a": b"y"})
    moved = StaticFiles.of({"b": b"x"})

    assert len({one.version, other.version, moved.version}) == 3
    assert StaticFiles.of({"a": b"x"}).version == one.version
    with pytest.raises(KeyError):
        one.address("b")


async def test_what_a_page_names_is_there_and_is_kept_for_good(site: Site) -> None:
    stranger = site.stranger()
    page = Page.read((await stranger.get("/sign-in")).text)
    named = [
        address
        for each in page.all("link", "script")
        if (address := each.attributes.get("href") or each.attributes["src"])
    ]

    for address in named:
        answer = await stranger.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(named) > 5
    of_another = named[0].replace(named[0].split("/")[2], "0" * 16)
    assert (await stranger.get(of_another)).status_code == 404
