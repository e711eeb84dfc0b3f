"""An installation without data: from its set-up link to the first reviewed submission, in few presses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from browser.demo import Demo, free_port, started
from browser.github import GitHub
from browser.presses import count_presses, presses
from browser.test_main_job import PASSWORD
from browser.texts import wrong_texts
from browser.visitor import Visitor, visiting

# The most presses that it may take: to open a link from outside, to click or tap.
MAX_OPERATOR, MAX_MEMBER = 25, 4
# Of both together, until somebody who was invited sees the first mission.
MAX_TO_FIRST_MISSION = 20
WIDTHS: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1440, "height": 900},
}
OWNER = "owner@example.org"
SHEET = "{name}\t{email}\t{part}\tGitHub\n정하늘\t{address}\tBackend\t{login}\n"
TITLES = {
    "ko": {"name": "이름", "email": "이메일", "part": "파트"},
    "en": {"name": "Name", "email": "Email", "part": "Part"},
}


@pytest.fixture(scope="module")
def empty() -> Iterator[Demo]:
    """A demo without data."""
    with started(free_port(), EMPTY="1") as demo:
        demo.wait_until_ready()
        yield demo


@dataclass
class Person:
    """A visitor whose presses count."""

    visitor: Visitor
    language: str
    # Links opened from outside, which no page sees.
    links: int = 0

    def open(self, address: str) -> None:
        """Press a link in a terminal or a mail."""
        self.links += 1
        self.visitor.go(address.removeprefix(self.visitor.demo.url))
        self.read()

    def press(self, what: Locator | str, *, status: int = 200) -> None:
        """Press what leads to another page, and read that page."""
        found = self.visitor.page.locator(what).first if isinstance(what, str) else what
        self.visitor.press(found, status=status)
        self.read()

    def read(self) -> None:
        """Note the texts of the page that are in another language."""
        for text in wrong_texts(self.visitor.page, self.language):
            self.visitor.note(text)

    @property
    def presses(self) -> int:
        """The presses so far."""
        return self.links + presses(self.visitor.page)


def visit(visitor: Visitor, language: str, width: str) -> Person:
    """Return a person who has opened nothing yet."""
    visitor.page.set_viewport_size(WIDTHS[width])
    count_presses(visitor.page)
    return Person(visitor, language)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_page_leads_to_the_set_up(browser: Browser, empty: Demo, *, scripts: bool) -> None:
    """The first test of this module: the others create the owner."""
    with visiting(browser, empty, size="phone", scripts=scripts) as visitor:
        visitor.go("/")
        visitor.press(visitor.page.locator("main a.btn-primary"))
        assert visitor.path == "/accounts/setup/"
        expect(visitor.page.locator("main [name=code]")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", TITLES)
def test_from_nothing_to_the_first_review(browser: Browser, empty: Demo, language: str, width: str) -> None:
    run = uuid.uuid4().hex[:6]
    login, address = f"haneul-{run}", f"haneul-{run}@example.org"
    repository = f"club-{run}/first"
    # Each language at one width: axe takes most of the time.
    how = {"language": language, "inspects": (language, width) in {("ko", "phone"), ("en", "desktop")}}
    with visiting(browser, empty, **how) as first, visiting(browser, empty, **how) as second:
        operator, member = visit(first, language, width), visit(second, language, width)

        set_up(operator)
        cohort = open_cohort(operator, f"{run} 1")
        github = GitHub(*set_up_hook(operator, cohort), repository, login, int(run, 16))
        create_mission(operator, cohort, repository)
        import_people(operator, cohort, language, login, address)

        join(member, address, repository)
        assert member.presses <= MAX_MEMBER, f"{member.presses} presses of the member"
        both = operator.presses + member.presses
        print(f"{both} presses to the first mission: {operator.presses} and {member.presses}")
        assert both <= MAX_TO_FIRST_MISSION, f"{both} presses to the first mission"

        assert github.deliver("pull_request", "opened") == "submitted"
        review(operator, cohort)
        assert operator.presses <= MAX_OPERATOR, f"{operator.presses} presses of the operator"
        second.go("/submissions/")
        second.press(second.page.locator("main a[href*='/submissions/']").first)
        expect(second.page.locator("main")).to_contain_text("읽기 쉬워요")


def set_up(operator: Person) -> None:
    """Open the link that the demo prints, or sign in if somebody did: both lead to where a cohort begins."""
    operator.visitor.set_language(operator.language)
    link = re.search(r"Set it up at +(\S+)", operator.visitor.demo.output())
    assert link, "the demo prints no link"
    if operator.visitor.page.request.get(link[1]).ok:
        operator.open(link[1])
        operator.visitor.type_in(email=OWNER, name="이도윤", password=PASSWORD)
    else:
        operator.open("/accounts/login/?next=/cohorts/")
        operator.visitor.type_in(login=OWNER, password=PASSWORD)
    operator.press("main form button.btn-primary")


def open_cohort(operator: Person, title: str) -> str:
    """Create a cohort that starts this week; return its id."""
    operator.press("main a[href='/cohorts/new/']")
    monday = date.today() - timedelta(days=date.today().weekday())  # noqa: DTZ011 - any clock's week will do
    operator.visitor.type_in(title=title, parts="Backend\nFrontend", first_day=monday.isoformat(), weeks="8")
    operator.press("main form button.btn-primary")
    found = re.search(r"/cohorts/([0-9a-f-]{36})/", operator.visitor.page.url)
    assert found, operator.visitor.page.url
    return found[1]


def take_step(operator: Person, cohort: str, to: str) -> None:
    """Go to the cohort's first steps, unless they are here, and take one of them."""
    if operator.visitor.path != f"/cohorts/{cohort}/":
        operator.press(f"nav a[href='/cohorts/{cohort}/']:visible")
    operator.press(f"section[aria-labelledby=h-checklist] a[href$='{to}']")


def set_up_hook(operator: Person, cohort: str) -> tuple[str, str]:
    """Create the cohort's webhook; return its address and secret."""
    take_step(operator, cohort, "/hook/app/")
    operator.press(f"main a[href='/cohorts/{cohort}/hook/']")
    operator.press("main form button.btn-primary", status=201)
    page = operator.visitor.page
    return page.locator("#address").input_value(), page.locator("#secret").input_value()


def create_mission(operator: Person, cohort: str, repository: str) -> None:
    """Create a mission of this week with a criterion."""
    take_step(operator, cohort, "/missions/new/")
    page = operator.visitor.page
    operator.visitor.type_in(title="첫 미션", repository=repository)
    fill_criteria(page)
    operator.press("main form .line > button.btn-primary")
    expect(page.locator("main")).to_contain_text(repository)


def fill_criteria(page: Page) -> None:
    """Name what the rubric of a new mission leaves open."""
    for field in page.locator("#rubric textarea").all():
        if not field.input_value():
            field.fill("읽기 쉬움")


def import_people(operator: Person, cohort: str, language: str, login: str, address: str) -> None:
    """Invite the people of a sheet that is pasted."""
    take_step(operator, cohort, "/invitations/")
    operator.press(f"main a[href='/cohorts/{cohort}/members/import/']")
    operator.visitor.type_in(text=SHEET.format(**TITLES[language], address=address, login=login))
    operator.press("main form button.btn-primary")
    operator.press("main form button.btn-primary")


def join(member: Person, address: str, repository: str) -> None:
    """Come by the mail, make an account and join; that leads to what is to be done first."""
    mail = member.visitor.demo.mail(address, "/join/")
    link = re.search(r"https?://\S+/join/\S+", mail["text"])
    assert link, mail["text"]
    member.open(link[0])
    member.press("main a[href*='/accounts/signup/invited/']")
    member.visitor.type_in(password1=PASSWORD)
    member.press("main form button.btn-primary")
    member.press("main form button.btn-primary")
    expect(member.visitor.page.locator("main")).to_contain_text(repository)


def review(operator: Person, cohort: str) -> None:
    """Find what was submitted on the overview, and review it."""
    operator.press(f"nav a[href='/cohorts/{cohort}/']:visible")
    operator.press("main .matrix tbody th a")
    operator.press("main table a[href*='submissions/']")
    operator.press("main a[href*='/reviews/']")
    operator.visitor.choose_the_best_levels()
    operator.visitor.type_in(comment="이름이 읽기 쉬워요.")
    operator.press("main button[name=release]")
