"""Every page: by keyboard, without scripts, narrow, in both schemes, under the policy."""

from collections.abc import Iterator

import pytest

from tests.browser.browsing import Browsing, Window
from tests.requirements import requirement

OPEN = ("/sign-in", "/register", "/invite", "/recover", "/problems/last-passkey", "/nowhere")
LONG = ("/reference", "/problems")
OWN = ("/", "/devices", "/tokens", "/invitations", "/account", "/account/erasure")
NARROW = {"width": 360, "height": 740}
NEEDS = {
    "/sign-in": "Signing in needs JavaScript.",
    "/register": "Making a passkey needs JavaScript.",
    "/invite": "Making a passkey needs JavaScript.",
    "/recover": "Coming back needs JavaScript.",
    "/devices": "Changing a way in needs JavaScript.",
    "/tokens": "Making a token needs JavaScript.",
    "/account": "Taking an archive needs JavaScript.",
    "/account/erasure": "Erasing needs JavaScript.",
}

# Of each text that is seen: its contrast with what lies behind it (WCAG 2.2 §1.4.3), if it is low.
_FAINT = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(each).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.matches(":disabled")) continue;
    const [one, two] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) found.push(`${element.tagName} ${element.textContent.trim()}: ${contrast}`);
  }
  return found;
}"""
_RING = """() => {
  const seen = document.activeElement;
  const style = getComputedStyle(seen);
  return [seen.tagName, seen.textContent.trim() || seen.name || "", style.outlineStyle !== "none"];
}"""

_WRITES_MARKUP = """() => {
  try { document.body.innerHTML = "<b>x</b>"; } catch (error) { return error.name; }
}"""


@pytest.fixture
def ada(browsing: Browsing) -> Window:
    return browsing.guest()


def stops(window: Window, most: int = 60) -> Iterator[tuple[str, str, bool]]:
    """Go through a page with the Tab key; yield what has the focus and whether that is seen."""
    first = None
    for _ in range(most):
        window.page.keyboard.press("Tab")
        name, text, seen = window.page.evaluate(_RING)
        if name == "BODY" or (name, text) == first:
            return
        first = first or (name, text)
        yield name, text, seen


@requirement("web.legible")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible_and_nothing_is_wider_than_a_telephone(
    browsing: Browsing, ada: Window, scheme: str
) -> None:
    stranger = browsing.window(color_scheme=scheme, viewport=NARROW)
    person = browsing.window(
        color_scheme=scheme, viewport=NARROW, storage_state=ada.context.storage_state()
    )

    for window, paths in ((stranger, (*OPEN, *LONG)), (person, OWN)):
        for path in paths:
            window.open(path)
            width = window.page.evaluate("document.documentElement.scrollWidth")
            assert (path, width) == (path, NARROW["width"])
            assert (path, window.page.evaluate(_FAINT)) == (path, [])


@requirement("web.keyboard")
def test_every_page_is_walked_through_with_the_keyboard_and_shows_where_one_is(
    browsing: Browsing, ada: Window
) -> None:
    stranger = browsing.window()
    for window, paths in ((stranger, OPEN), (ada, OWN)):
        for path in paths:
            window.open(path)
            walked = list(stops(window))

            assert walked[0][1] == "To the text"
            assert [each for each in walked if not each[2]] == [], path
            pressable = window.page.locator("button:visible:enabled").count()
            assert sum(name == "BUTTON" for name, _, _ in walked) == pressable, path


@requirement("web.keyboard")
def test_a_person_registers_signs_in_and_confirms_with_the_keyboard_alone(
    browsing: Browsing,
) -> None:
    window = browsing.window()
    window.authenticator()
    window.page.goto(browsing.node.invitation())
    keyboard = window.page.keyboard

    window.page.get_by_label("Your name").press("Enter")
    window.page.locator(".codes li").first.wait_for()
    assert window.page.evaluate("document.activeElement.tagName") == "H1"
    for _ in range(4):
        keyboard.press("Tab")  # copy, print, download, and the box
    keyboard.press("Space")
    keyboard.press("Enter")
    window.page.wait_for_url(f"{window.url}/")
    window.open("/devices")
    window.page.get_by_role("button", name="Make a new set").focus()
    keyboard.press("Enter")
    window.page.get_by_role("dialog").wait_for()
    assert window.page.evaluate("document.activeElement.textContent") == "Use the passkey"
    keyboard.press("Escape")
    window.page.get_by_role("dialog").wait_for(state="hidden")
    assert window.page.evaluate("document.activeElement.textContent") == "Make a new set"
    window.page.get_by_role("button", name="Sign out").press("Enter")
    window.page.get_by_label("Passkey").press("Enter")
    window.page.wait_for_url(f"{window.url}/")


@requirement("web.scriptless")
def test_without_scripts_pages_say_what_needs_them_and_do_the_rest(
    browsing: Browsing, ada: Window
) -> None:
    stranger = browsing.window(java_script_enabled=False)
    person = browsing.without_scripts(ada)
    for path in (*OPEN, *LONG, *OWN):
        window = person if path in OWN else stranger
        window.open(path)
        told = window.page.inner_text("main")
        assert NEEDS.get(path, "") in told, path
        assert path not in NEEDS or window.page.locator("button[disabled]").count() > 0

    person.open("/account")
    person.page.get_by_label("Your name").fill("Ada of the forms")
    person.press("Change the name")
    assert "You are called that from now on." in person.page.inner_text("main")
    person.press("Restrict it")
    assert "Processing is restricted since" in person.page.inner_text("main")
    person.press("Lift the restriction")
    person.open("/devices")
    person.page.get_by_text("Change Passkey").click()
    person.page.get_by_label("Name of this passkey").fill("Laptop")
    person.press("Rename")
    assert "Laptop" in person.page.inner_text("#passkeys")
    person.press("Sign out")
    assert "You are signed out in this browser." in person.page.inner_text("main")
    person.open("/account")
    assert person.path() == "/sign-in?next=%2Faccount"


def test_nothing_moves_for_whoever_wants_it_so(browsing: Browsing) -> None:
    still = browsing.guest(reduced_motion="reduce")
    still.open("/devices")

    still.press("Make a new set")
    still.page.get_by_role("dialog").wait_for()

    style = "getComputedStyle(document.querySelector('dialog')).animationDuration"
    assert still.page.evaluate(style) == "0s"


@requirement("web.policy")
def test_the_policy_stops_markup_that_a_script_would_write(browsing: Browsing) -> None:
    window = browsing.window()
    window.open("/sign-in")

    refused = window.page.evaluate(_WRITES_MARKUP)

    assert refused == "TypeError"
    assert any("TrustedHTML" in each for each in browsing.reports)
    browsing.reports.clear()
