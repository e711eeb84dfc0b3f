"""The main scenario, from an empty cohort to a member who reads their points."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.demo import Demo
from browser.github import GitHub
from browser.visitor import SIZES, Visitor, visiting

MISSIONS = Path(__file__).parent.parent / "fixtures/missions-ceos-15.csv"
REPOSITORY = "ceos-developers/django-tutorial-15th"
PASSWORD = "three quiet lanterns"


@pytest.mark.parametrize("size", SIZES)
def test_a_pull_request_becomes_points(browser: Browser, demo: Demo, size: str) -> None:
    run = uuid.uuid4().hex[:6]
    login = f"member-{run}"
    address = f"{login}@example.org"
    with visiting(browser, demo, size=size) as operator:
        operator.sign_in(demo.address_of("operator"), demo.password)
        cohort = open_cohort(operator, f"CEOS 15기 {run}")
        import_missions(operator, cohort)
        as_mentor, as_member = invite(operator, cohort)

        with visiting(browser, demo, size=size) as mentor, visiting(browser, demo, size=size) as member:
            mentor.sign_in(demo.address_of("mentor"), demo.password)
            join(mentor, as_mentor)

            sign_up(member, address, as_member)
            expect(member.page.locator("h1")).to_contain_text("django-tutorial")
            have_no_quiet_hours(member)
            before = member.unread()

            name_github(operator, cohort, login)
            github = set_up_hook(operator, cohort, login, github_id=int(run, 16))
            assert github.deliver("pull_request", "opened") == "submitted"
            assert github.deliver("pull_request", "review_requested") == "updated"

            submission = see_it_handed_in(member)
            release(mentor, submission)

            expect_notified(member, demo, address, before, submission)


def open_cohort(operator: Visitor, title: str) -> str:
    """Create a cohort that starts this week; return its id."""
    operator.go("/cohorts/new/")
    monday = date.today() - timedelta(days=date.today().weekday())  # noqa: DTZ011 - any clock's week will do
    operator.type_in(title=title, parts="backend\nfrontend", first_day=monday.isoformat(), weeks="8")
    operator.submit()
    found = re.search(r"/cohorts/([0-9a-f-]{36})/", operator.page.url)
    assert found, operator.page.url
    return found[1]


def import_missions(operator: Visitor, cohort: str) -> None:
    """Import eight missions from a CSV file, by the preview."""
    operator.go(f"/cohorts/{cohort}/missions/")
    operator.press(operator.page.locator(f"main a[href$='/cohorts/{cohort}/missions/import/']").first)
    operator.page.locator("main input[type=file]").set_input_files(MISSIONS)
    operator.submit()
    expect(operator.page.locator("main")).to_contain_text("django-tutorial")
    operator.submit()
    operator.go(f"/cohorts/{cohort}/missions/")
    for title in ("django-tutorial", "django-vote", "react-vote"):
        expect(operator.page.locator("main")).to_contain_text(title)


def invite(operator: Visitor, cohort: str) -> tuple[str, str]:
    """Create an invitation for a mentor and one for members of the first part; return their paths."""
    operator.go(f"/cohorts/{cohort}/invitations/")
    paths: list[str] = []
    for role in ("mentor", "member"):
        operator.page.locator(f"main input[name=role][value={role}]").check()
        operator.page.locator("main select[name=part_id]").select_option(label="backend")
        operator.submit()
        links = operator.page.locator("main input[readonly]").evaluate_all("all => all.map(one => one.value)")
        new = [link.removeprefix(operator.demo.url) for link in links]
        paths += [path for path in new if path not in paths]
    assert len(paths) == 2
    return paths[0], paths[1]


def join(visitor: Visitor, path: str) -> None:
    """Open the link twice, as a chat preview and a person do; then join."""
    visitor.go(path)
    visitor.go(path)
    visitor.submit("main")
    assert "/join/" not in visitor.page.url


def sign_up(member: Visitor, address: str, invitation: str) -> None:
    """Sign up from an invitation, confirm the email address, and join."""
    member.go(invitation)
    member.press(member.page.locator("main a[href*='/accounts/signup/']").first)
    member.type_in(email=address)
    member.submit()
    email = member.demo.mail(address, "/accounts/confirm-email/")
    found = re.search(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", email["text"])
    assert found, email["text"]
    member.go(found[1])
    member.type_in(name="정하늘", password1=PASSWORD)
    member.submit()
    if invitation not in member.page.url:
        member.go(invitation)
    member.submit("main")


def have_no_quiet_hours(member: Visitor) -> None:
    """Choose to be sent mail at any hour: tests run at night, too."""
    member.go("/notifications/preferences/")
    member.type_in(starts="00:00", ends="00:00")
    member.submit("main form[action$='/quiet-hours/']")


def open_membership(operator: Visitor, member: Locator) -> None:
    """Open a member's page by its link, and from there role, part and teams."""
    operator.press(member)
    operator.press(operator.page.locator(f"main a[href='{operator.path.removesuffix('missions/')}']"))


def name_github(operator: Visitor, cohort: str, login: str) -> None:
    """Set the GitHub login of the new member."""
    operator.go(f"/cohorts/{cohort}/members/")
    open_membership(operator, operator.page.locator("main th a", has_text="정하늘").first)
    operator.type_in(login=login)
    operator.submit("main form[action$='/github/']")
    expect(operator.page.locator("main")).to_contain_text(login)


def set_up_hook(operator: Visitor, cohort: str, login: str, *, github_id: int) -> GitHub:
    """Create the cohort's webhook; return a sender with its address and secret."""
    operator.go(f"/cohorts/{cohort}/hook/")
    operator.submit(status=201)
    secret = operator.page.locator("#secret").input_value()
    address = operator.page.locator("#address").input_value()
    return GitHub(address, secret, REPOSITORY, login, github_id)


def see_it_handed_in(member: Visitor) -> str:
    """Find the submission and its timeline in the member's list; return its id."""
    member.go("/submissions/")
    member.press(member.page.locator("main a[href*='/submissions/']", has_text="django-tutorial").first)
    expect(member.page.locator("main .timeline")).to_contain_text("member-")
    found = re.search(r"/submissions/([0-9a-f-]{36})/", member.page.url)
    assert found, member.page.url
    return found[1]


def release(mentor: Visitor, submission: str) -> None:
    """Open the review from the queue; choose the best levels, comment and release it."""
    mentor.go("/reviews/")
    mentor.press(mentor.page.locator(f"main a[href$='/reviews/{submission}/']").first)
    mentor.choose_the_best_levels()
    mentor.type_in(comment="이름이 읽기 쉬워요. 다음에는 실패하는 경우도 시험해 보세요.")
    mentor.press(mentor.page.locator("main button[name=release]"))


def expect_notified(member: Visitor, demo: Demo, address: str, before: int, submission: str) -> None:
    """Check the notification count, the inbox, the mail, and the comment on the page."""
    for _ in range(30):
        if member.unread() > before:
            break
        member.page.wait_for_timeout(500)
    assert member.unread() > before
    member.go("/notifications/")
    notification = member.page.locator("main li", has_text="django-tutorial").first
    expect(notification).to_be_visible()
    assert demo.mail(address, f"/submissions/{submission}/")
    # The address that older mails have leads there too.
    member.go(f"/submissions/{submission}/")
    expect(member.page.locator("main")).to_contain_text("실패하는 경우도 시험해 보세요")
