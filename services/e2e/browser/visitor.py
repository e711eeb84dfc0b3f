"""A browser user that checks each page it visits."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, ViewportSize

from browser.demo import ROOT, Demo
from browser.inspection import Finding, inspect_page

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 800},
    "desktop": {"width": 1440, "height": 900},
}
# Screenshots of failures.
SCREENSHOTS = ROOT / "var/e2e"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/join/)[\w-]{20,}|(?<=confirm-email/)[\w:-]{20,}")


class Visitor:
    """A browser context at one width. `scripts=False` disables JavaScript."""

    def __init__(
        self,
        browser: Browser,
        demo: Demo,
        *,
        size: str = "desktop",
        language: str = "ko",
        scripts: bool = True,
        inspects: bool = True,
    ) -> None:
        self.demo = demo
        self.size = size
        self.inspects = inspects and scripts
        self.findings: list[Finding] = []
        self.context = browser.new_context(
            viewport=SIZES[size],
            locale={"ko": "ko-KR", "en": "en-GB"}[language],
            timezone_id="Asia/Seoul",
            base_url=demo.url,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(20_000)
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """Open a new tab."""
        page = self.context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.note(f"script error: {error}"))
        page.on("response", self._on_response)
        return page

    @property
    def path(self) -> str:
        """The path of the current page."""
        return urlsplit(self.page.url).path

    def go(self, path: str, *, status: int = 200) -> None:
        """Open a path, expect a status, and check the page."""
        answer = self.page.goto(path)
        if answer is not None and answer.status != status:
            self.note(f"answered {answer.status}")
        self.inspect()

    def press(self, what: Locator, *, status: int = 200) -> None:
        """Click a link or button that leads to another page, and check that page."""
        with self.page.expect_navigation() as arrival:
            what.click()
        if arrival.value.status != status:
            self.note(f"answered {arrival.value.status}")
        self.inspect()

    def submit(self, form: str = "main form", *, status: int = 200) -> None:
        """Click the first button of a form."""
        button = self.page.locator(f"{form} button.btn-primary, {form} button:not([name])").first
        self.press(button, status=status)

    def type_in(self, **fields: str) -> None:
        """Fill fields by name."""
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").fill(text)

    def inspect(self) -> None:
        """Check the current page and record its faults."""
        self.wait_until_idle()
        if self.inspects:
            where = f"{shape(self.page.url)} at {self.size}"
            inspector = self.context.new_cdp_session(self.page)
            self.findings += inspect_page(self.page, inspector, where)
            inspector.detach()

    def resize(self, size: str) -> None:
        """Change the viewport."""
        self.size = size
        self.page.set_viewport_size(SIZES[size])

    def wait_until_idle(self) -> None:
        """Wait until the page has loaded its fragments."""
        self.page.wait_for_load_state("networkidle")

    def choose_the_best_levels(self) -> int:
        """Give every criterion of the open review its most points. Return the sum."""
        tab = self.page.locator(".pane-tabs a[href='#rubric']")
        if tab.is_visible():
            tab.click()
        best = 0
        for criterion in self.page.locator("main fieldset.criterion").all():
            points = criterion.locator(".levels b").last
            points.click()
            best += int(points.inner_text())
        return best

    def sign_in(self, address: str, password: str) -> None:
        """Sign in by the form."""
        if "/accounts/login/" not in self.page.url:
            self.go("/accounts/login/")
        self.type_in(login=address, password=password)
        self.submit()

    def set_language(self, language: str) -> None:
        """Set the language cookie."""
        self.context.add_cookies([{"name": "django_language", "value": language, "url": self.demo.url}])

    def unread(self) -> int:
        """Return the notification count in the header."""
        self.page.reload()
        self.wait_until_idle()
        count = self.page.locator("#unread .count")
        return int(count.inner_text().rstrip("+")) if count.count() else 0

    def assert_nothing_wrong(self) -> None:
        """Raise AssertionError with all recorded faults."""
        found = list(dict.fromkeys(map(str, self.findings)))
        assert not found, "\n".join([f"{len(found)} things are wrong:", *found])

    def save_screenshot(self) -> None:
        """Print the page's address and text, and save a screenshot."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = SCREENSHOTS / f"{uuid.uuid4().hex[:8]}.png"
        self.page.screenshot(path=picture, full_page=True)
        said = self.page.locator("main").inner_text() if self.page.locator("main").count() else ""
        print(f"\n{self.size} at {self.page.url}, {picture}:\n{said[:1500]}")
        print("\n".join(map(str, self.findings)))

    def close(self) -> None:
        """Close the browser."""
        self.context.close()

    def note(self, what: str) -> None:
        """Record a fault of the current page."""
        finding = Finding(f"{shape(self.page.url)} at {self.size}", what)
        if finding not in self.findings:
            self.findings.append(finding)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Failed requests are logged too, and some of them are expected.
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.note(f"policy: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self.note(f"{response.request.method} {shape(response.url)} answered {response.status}")


@contextmanager
def visiting(browser: Browser, demo: Demo, **how: Any) -> Iterator[Visitor]:
    """Yield a visitor; fail if it recorded faults."""
    visitor = Visitor(browser, demo, **how)
    try:
        yield visitor
        visitor.assert_nothing_wrong()
    except BaseException:
        visitor.save_screenshot()
        raise
    finally:
        visitor.close()


def shape(url: str) -> str:
    """Return the path of a URL without ids."""
    parts = urlsplit(url)
    return _ID.sub("…", parts.path)
