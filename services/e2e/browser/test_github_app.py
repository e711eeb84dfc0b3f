"""GitHub is connected by its owner in a browser, and serves every cohort until the App is removed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, Locator, expect

from browser.demo import PATIENCE, Demo, free_port, started
from browser.github import GitHub
from browser.github_site import INSTALLATION, GitHubSite
from browser.test_hand_over import link
from browser.test_main_job import open_cohort
from browser.test_writing import cohort_of
from browser.visitor import SIZES, Visitor, visiting
from chassis.testing.github import CLIENT_ID, CLIENT_SECRET, ENTERPRISE_PREFIX, repository
from chassis.testing.serving import serving

ORGANIZATION = "neuti-demo"
# A mission of the demo's cohort that its member neuti-02 has not submitted.
SEEDED = f"{ORGANIZATION}/django-auth-16th"
OTHER = f"{ORGANIZATION}/another-club"
# Of the second cohort.
MISSION = "같은 저장소의 미션"


@pytest.fixture
def github() -> Iterator[GitHubSite]:
    site = GitHubSite(organization=ORGANIZATION)
    # What is polled is empty: nothing but deliveries makes submissions.
    site.answers = {f"/repos/{name}/pulls": [] for name in (SEEDED, OTHER)}
    with serving(site.respond) as site.url:
        yield site


@pytest.fixture
def club(github: GitHubSite) -> Iterator[Demo]:
    """A demo with a name that this GitHub can reach. Jobs of every minute run every five seconds."""
    port = free_port()
    settings = {
        "PUBLIC_URL": f"http://seodang.test:{port}",
        "GITHUB_WEB_URL": github.url,
        "GITHUB_API_URL": f"{github.url}{ENTERPRISE_PREFIX}",
        "GITHUB_TOKEN": "",
        "GITHUB_CLIENT_ID": "",
        "SCHEDULE_SCALE": "60",
    }
    with started(port, **settings) as demo:
        demo.wait_until_ready()
        yield demo


def test_the_app_from_the_first_press_to_its_removal(
    browser: Browser, club: Demo, github: GitHubSite
) -> None:
    with (
        visiting(browser, club, inspects=False) as owner,
        visiting(browser, club, inspects=False) as member,
    ):
        member.sign_in("operator2@example.org", club.password)
        owner.sign_in(club.address_of("operator"), club.password)
        cohort = cohort_of(owner)

        connect(owner, cohort)
        install(owner, github, cohort)
        link_github(member, github, {"id": 91_000_099, "login": "neuti-operator2", "type": "User"})
        sign_in_with_github(browser, club)

        mission = open_other_cohort(owner, member)
        one_webhook_serves_both(github, owner, member, cohort)

        tokens_are_renewed(github, owner, mission)
        replace_webhook_secret(github, owner)
        replace_private_key(github, owner)
        uninstall(github, owner, cohort)


def press_there(visitor: Visitor, button: Locator) -> None:
    """Click what leads to GitHub, whose pages are not inspected."""
    with visitor.page.expect_navigation():
        button.click()


def come_back(visitor: Visitor, name: str) -> None:
    """Press the button of GitHub's page, which leads back to ours."""
    visitor.press(visitor.page.get_by_role("button", name=name))


def inspect_both(visitor: Visitor) -> None:
    """Inspect the page at phone and desktop width."""
    visitor.inspects = True
    for size in SIZES:
        visitor.resize(size)
        visitor.inspect()
    visitor.inspects = False


def connect(owner: Visitor, cohort: str) -> None:
    """From the cohort's page to GitHub's, which the owner confirms, and back with the App."""
    owner.go(f"/cohorts/{cohort}/hook/app/")
    inspect_both(owner)
    owner.press(owner.page.locator("main a[href='/cohorts/github/']").last)
    inspect_both(owner)
    assert not owner.page.locator("main .alert.warning").count(), "GitHub cannot reach this address"

    press_there(owner, owner.page.locator("main form[action*='/settings/apps/new'] button"))
    come_back(owner, "Create GitHub App")

    assert owner.path == "/cohorts/github/"
    expect(owner.page.locator("main")).to_contain_text("Seodang seodang.test")
    assert "PRIVATE KEY" not in owner.page.content()
    inspect_both(owner)


def install(owner: Visitor, github: GitHubSite, cohort: str) -> None:
    """From the cohort's page to GitHub's, and back to the repositories that it may read."""
    github.granted = [repository(501, SEEDED)]
    owner.go(f"/cohorts/{cohort}/hook/app/")
    press_there(
        owner, owner.page.locator(f"main a[href='{github.html_url}/installations/new?state={cohort}']")
    )
    come_back(owner, "Install")

    assert owner.path == f"/cohorts/{cohort}/hook/app/"
    expect(owner.page.locator("main code", has_text=SEEDED)).to_be_visible()
    inspect_both(owner)


def link_github(member: Visitor, github: GitHubSite, user: dict[str, object]) -> None:
    """Link GitHub on the profile in one press, once users has the App's OAuth client."""
    github.user = user
    button = member.page.locator("main form[action='/accounts/github/login/'] button")
    for _ in range(PATIENCE):
        member.go("/accounts/")
        if button.count():
            break
        member.page.wait_for_timeout(1000)
    press_there(member, button)
    come_back(member, "Authorize")
    expect(member.page.locator("main")).to_contain_text(str(user["login"]))
    inspect_both(member)
    shows_the_avatar(member)


def shows_the_avatar(member: Visitor) -> None:
    """Wait until the profile shows the avatar that GitHub has, which the worker copies."""
    avatar = member.page.locator("main .avatar img")
    for _ in range(PATIENCE):
        # Past the browser's cache: it keeps the answer from before the avatar was copied.
        account = member.page.locator("main .avatar").get_attribute("data-avatar")
        member.page.evaluate("url => fetch(url, {cache: 'reload'})", f"/accounts/avatars/?of={account}")
        member.go("/accounts/profile/")
        if avatar.count():
            assert avatar.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
            return
        member.page.wait_for_timeout(1000)
    raise AssertionError("The profile shows no avatar.")


def sign_in_with_github(browser: Browser, club: Demo) -> None:
    """The sign-in page has the button; it names the App's client, and signs in the account that is linked."""
    with visiting(browser, club, size="phone", inspects=False) as visitor:
        visitor.go("/accounts/login/")
        inspect_both(visitor)
        press_there(visitor, visitor.page.locator("main form[action='/accounts/github/login/'] button"))
        query = parse_qs(urlsplit(visitor.page.url).query)
        assert query["client_id"] == [CLIENT_ID]
        assert query["redirect_uri"] == [f"{club.url}/accounts/github/login/callback/"]
        come_back(visitor, "Authorize")
        visitor.go("/accounts/")
        expect(visitor.page.locator("main")).to_contain_text("neuti-operator2")


def open_other_cohort(owner: Visitor, member: Visitor) -> str:
    """Create a second cohort with a mission in that repository, and a member; return the mission's path."""
    cohort = open_cohort(owner, f"17기 {uuid.uuid4().hex[:6]}")
    owner.go(f"/cohorts/{cohort}/missions/new/")
    assert owner.page.locator(f"#repositories option[value='{SEEDED}']").count() == 1
    owner.type_in(title=MISSION, repository=SEEDED)
    owner.press(owner.page.locator("main form[data-unsaved] .btn-primary").last)
    expect(owner.page.locator("main h1")).to_contain_text(MISSION)
    mission = owner.path
    member.go(link(owner, cohort, "member"))
    member.page.get_by_label("backend").check()
    member.submit("main")
    return mission


def one_webhook_serves_both(github: GitHubSite, owner: Visitor, member: Visitor, cohort: str) -> None:
    """A pull request reaches both cohorts by one delivery, and is submitted where its author is a member."""
    asked = [token for _method, path, token in github.asked if path == f"/repos/{SEEDED}/pulls"]
    assert set(asked) & set(github.tokens), "the mission's repository is read with the installation's token"
    for number, (login, github_id) in enumerate(
        [("neuti-02", 90_000_002), ("neuti-operator2", 91_000_099)], start=900
    ):
        sender = GitHub("", "", SEEDED, login, github_id)
        payload = sender.payload("pull_request", "opened", number=number, id=number, title="제출합니다")
        send = partial(github.deliver, "pull_request", payload, delivery=str(uuid.uuid4()))
        assert send(secret="another secret")[0] == 401
        status, answer = send()
        outcomes = [result["outcome"] for result in answer["results"]]
        assert (status, len(outcomes), outcomes.count("submitted")) == (200, 2, 1), outcomes
        assert all(result["repeated"] for result in send()[1]["results"])
    member.go("/submissions/")
    member.press(member.page.locator("main a[href*='/submissions/']", has_text=MISSION).first)
    expect(member.page.locator("main .timeline")).to_contain_text("neuti-operator2")
    owner.go(f"/cohorts/{cohort}/hook/")
    expect(owner.page.locator("main")).to_contain_text("pull_request")
    created = ("POST", f"/repos/{SEEDED}/check-runs")
    for _ in range(PATIENCE):
        if [check[:2] for check in github.checks].count(created) == 2:
            break
        owner.page.wait_for_timeout(1000)
    assert [check[:2] for check in github.checks].count(created) == 2


def tokens_are_renewed(github: GitHubSite, owner: Visitor, mission: str) -> None:
    """After an hour GitHub refuses the token that reads a mission's repository; it is renewed at once."""
    before, path = set(github.tokens), f"/repos/{SEEDED}/pulls"
    github.elapsed += timedelta(hours=1)
    owner.go(f"{mission}edit/")
    owner.type_in(marker="3주차")
    owner.press(owner.page.locator("main form[data-unsaved] .btn-primary").last)

    expired = [token for asked, token in github.unauthorized if asked == path]
    assert expired
    assert {*expired} <= before
    used = {token for _method, asked, token in github.asked if asked == path}
    assert used & ({*github.tokens} - before), "no token was created in its place"

    github.granted.append(repository(502, OTHER))
    change_repositories(owner)
    expect(owner.page.locator("main .list")).to_contain_text("2")
    inspect_both(owner)


def replace_webhook_secret(github: GitHubSite, owner: Visitor) -> None:
    """One press replaces it here and there; the one before is accepted for a day."""
    former = github.webhook_secret
    open_credentials(owner)
    inspect_both(owner)
    owner.submit("main form[action='/cohorts/github/webhook-secret/']")

    assert github.webhook_secret not in {former, ""}
    assert github.webhook_secret not in owner.page.content()
    for secret in (former, github.webhook_secret):
        assert github.deliver("ping", {"zen": "Keep it logically awesome."}, secret=secret)[0] == 200
    assert github.deliver("ping", {}, secret="another secret")[0] == 401


def replace_private_key(github: GitHubSite, owner: Visitor) -> None:
    """A key that is deleted on GitHub is said; with a new one the App goes on."""
    github.key = RSAKey.generate_key(2048, private=True)
    alert = owner.page.locator("main .alert.danger")
    wait_for(owner, alert)
    inspect_both(owner)
    save_credentials(owner, private_key=github.pem)
    before = set(github.tokens)
    github.elapsed += timedelta(hours=1)
    change_repositories(owner)
    assert set(github.tokens) - before, "no token was created with the new key"
    assert not alert.count()


def change_repositories(owner: Visitor) -> None:
    """Choose repositories on GitHub, and come back to the page of the App."""
    owner.go("/cohorts/github/")
    press_there(owner, owner.page.locator("main a[href$='/installations/new']"))
    come_back(owner, "Install")
    expect(owner.page.locator("main .list")).to_contain_text(ORGANIZATION)


def open_credentials(owner: Visitor) -> None:
    """Open the part of the App's page that replaces credentials."""
    owner.go("/cohorts/github/")
    if not owner.page.locator("main [name=private_key]").is_visible():
        owner.page.locator("main summary").last.click()


def save_credentials(owner: Visitor, **typed: str) -> None:
    """Enter new credentials on the App's page."""
    open_credentials(owner)
    owner.type_in(**typed)
    owner.submit("main form[action='/cohorts/github/credentials/']")
    assert owner.path == "/cohorts/github/"
    assert not any(secret in owner.page.content() for secret in (*typed.values(), CLIENT_SECRET))


def uninstall(github: GitHubSite, owner: Visitor, cohort: str) -> None:
    """An organization removes the App: the owner and the cohort's operators see it."""
    assert github.uninstall(INSTALLATION) == 200
    for path in ("/cohorts/github/", f"/cohorts/{cohort}/hook/app/", f"/cohorts/{cohort}/"):
        owner.go(path)
        expect(owner.page.locator("main")).to_contain_text("제거")
        inspect_both(owner)


def wait_for(visitor: Visitor, what: Locator) -> None:
    """Reload the App's page until it shows an element."""
    for _ in range(PATIENCE):
        visitor.page.goto("/cohorts/github/")
        if what.count():
            return
        visitor.page.wait_for_timeout(1000)
    expect(what).to_be_visible()
