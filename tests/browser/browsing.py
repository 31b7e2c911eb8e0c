"""Browsers of people: contexts of their own, with authenticators of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Error,
    Page,
    Request,
)

from tests.browser.node import ServedNode

_POLICY: Final = ("Content Security Policy", "Content-Security-Policy", "TrustedHTML")
_PATIENCE: Final = 20_000  # milliseconds, for a machine that does other things as well
# The virtual authenticator chooses by itself what a person would choose from the browser's list, so
# a page that offers passkeys signs in at once. Only who asks for it has such a browser.
_OFFERS_NONE: Final = "PublicKeyCredential.isConditionalMediationAvailable = async () => false;"


class Authenticator:
    """A virtual authenticator (WebAuthn L3 §11) that verifies its user and has PRF."""

    def __init__(self, session: CDPSession, transport: str = "internal") -> None:
        self._session = session
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "hasPrf": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id: str = made["authenticatorId"]

    @property
    def credentials(self) -> Sequence[Mapping[str, Any]]:
        """Return what it holds, as the protocol tells it."""
        held: Sequence[Mapping[str, Any]] = self._send("getCredentials")["credentials"]
        return held

    def recognise(self, *, user: bool) -> None:
        """Let it recognise its user from now on, or fail to."""
        self._send("setUserVerified", isUserVerified=user)

    def put_back(self, credential: Mapping[str, Any]) -> None:
        """Put an older state of a credential in place of the present one, as a copy would be."""
        self._send("removeCredential", credentialId=credential["credentialId"])
        self._send("addCredential", credential=credential)

    def remove(self) -> None:
        """Take it away from the browser, as a lost device is."""
        self._send("removeVirtualAuthenticator")

    def _send(self, command: str, **parameters: object) -> dict[str, Any]:
        sent = {"authenticatorId": self.id, **parameters}
        answered: dict[str, Any] = self._session.send(f"WebAuthn.{command}", sent)
        return answered


@dataclass
class Window:
    """One window of a person: a page, and what it takes to give it authenticators."""

    page: Page
    context: BrowserContext
    session: CDPSession
    url: str

    def authenticator(self, transport: str = "internal") -> Authenticator:
        """Give the window one more authenticator."""
        return Authenticator(self.session, transport)

    def sends(self) -> list[Request]:
        """Keep every request of the window from now on."""
        kept: list[Request] = []

        def keep(request: Request) -> None:  # Playwright takes no method of a list
            kept.append(request)

        self.page.on("request", keep)
        return kept

    def open(self, path: str) -> None:
        """Open a page of the node."""
        self.page.goto(f"{self.url}{path}")

    def press(self, name: str) -> None:
        """Press the button of this name, and of no other."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def confirm(self) -> None:
        """Confirm what is asked with the passkey."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Use the passkey").click()

    def refusal(self) -> str:
        """Return what went wrong, in the words of the page."""
        text: str = self.page.get_by_role("alert").inner_text()
        return text

    def title(self) -> str:
        """Return the first heading."""
        text: str = self.page.get_by_role("heading", level=1).inner_text()
        return text

    def path(self) -> str:
        """Return where the window is."""
        url: str = self.page.url
        return url.removeprefix(self.url)

    def enrol(self, address: str, name: str = "") -> list[str]:
        """Follow a one-time address to its end; return the recovery codes."""
        self.page.goto(address)
        if name:
            self.page.get_by_label("Your name").fill(name)
        self.press("Make the passkey")
        self.page.locator(".codes li").first.wait_for()
        codes: list[str] = self.page.locator(".codes code").all_inner_texts()
        self.page.get_by_role("checkbox").check()
        self.press("Done")
        self.page.wait_for_url(f"{self.url}/")
        return codes

    def sign_in(self, then: str = "/") -> None:
        """Sign in with the button and arrive."""
        self.press("Sign in with a passkey")
        self.page.wait_for_url(f"{self.url}{then}")

    def sign_out(self) -> None:
        """Sign out with the form."""
        self.press("Sign out")
        self.page.wait_for_url(f"{self.url}/sign-in?done=signed-out")


class Browsing:
    """Windows of one test, and what their pages reported against the policy."""

    def __init__(self, browser: Browser, node: ServedNode) -> None:
        self._browser = browser
        self.node = node
        self.reports: list[str] = []
        self._contexts: list[BrowserContext] = []

    def window(self, *, offers: bool = False, **how: Any) -> Window:  # noqa: ANN401 - for a context
        """Open a window of somebody else: no cookie and no authenticator is shared.

        ``offers`` says that the browser offers passkeys in a field by itself (conditional UI).
        """
        context = self._browser.new_context(**how)
        context.set_default_timeout(_PATIENCE)
        if not offers:
            context.add_init_script(_OFFERS_NONE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", self._failed)
        session = context.new_cdp_session(page)
        session.send("WebAuthn.enable", {"enableUI": False})
        return Window(page, context, session, self.node.url)

    def guest(self, **how: Any) -> Window:  # noqa: ANN401 - as `window`
        """Open a window in which a new person of the node is signed in, with one passkey."""
        window = self.window(**how)
        window.authenticator()
        window.enrol(self.node.invitation())
        return window

    def without_scripts(self, like: Window, **how: Any) -> Window:  # noqa: ANN401 - as `window`
        """Open a window of the same person in which no script runs."""
        state = like.context.storage_state()
        return self.window(java_script_enabled=False, storage_state=state, **how)

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if any(sign in message.text for sign in _POLICY):
            self.reports.append(message.text)

    def _failed(self, error: Error) -> None:
        self.reports.append(f"a script failed: {error}")
