"""Input takes effect once, and is not lost by a second tab, leaving the page or a long name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, expect

from browser.demo import PATIENCE, Demo
from browser.visitor import Visitor, visiting


@pytest.fixture
def operator(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    with visiting(browser, demo) as visitor:
        visitor.sign_in(demo.address_of("operator"), demo.password)
        yield visitor


@pytest.fixture
def mentor(browser: Browser, demo: Demo) -> Iterator[Visitor]:
    with visiting(browser, demo) as visitor:
        visitor.sign_in(demo.address_of("mentor"), demo.password)
        visitor.go("/reviews/")
        visitor.press(visitor.page.locator("main a.row").first)
        yield visitor


def cohort_of(operator: Visitor) -> str:
    """Return the id of the cohort with the demo's members."""
    # By its title: other tests create cohorts as the same operator, and "/" leads to the newest one.
    operator.go("/cohorts/")
    link = operator.page.locator("main a", has_text="느티 16기").first.get_attribute("href") or ""
    found = re.search(r"/cohorts/([0-9a-f-]{36})/", link)
    assert found
    return found[1]


def press_enter_thrice(visitor: Visitor, until: str) -> None:
    """Press Enter three times before the first response, over a slow line; wait for the element."""
    posts: list[str] = []
    visitor.page.on("request", lambda request: posts.append(request.method))
    line = visitor.context.new_cdp_session(visitor.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 1000, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", slow)
    for _ in range(3):
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_timeout(150)
    expect(visitor.page.locator(until)).to_be_visible(timeout=PATIENCE * 1000)
    line.detach()
    visitor.wait_until_idle()
    assert posts.count("POST") >= 2, "the browser sent the form once only, so this shows nothing"


def test_an_announcement_sent_by_three_enters_is_published_once(operator: Visitor) -> None:
    cohort, title = cohort_of(operator), f"세 번 누른 공지 {uuid.uuid4().hex[:6]}"
    operator.go(f"/cohorts/{cohort}/announcements/new/")
    operator.type_in(title=title, body="금요일 7시")
    operator.submit()
    operator.page.locator("main [name=title]").focus()

    press_enter_thrice(operator, until="main article .prose")

    assert re.search(r"/announcements/[0-9a-f-]{36}/$", operator.page.url)
    operator.go(f"/cohorts/{cohort}/announcements/")
    expect(operator.page.locator("main .row-title", has_text=title)).to_have_count(1)


def test_a_token_made_by_three_enters_is_one_token_and_is_shown(operator: Visitor) -> None:
    name = f"bot-{uuid.uuid4().hex[:6]}"
    operator.go("/accounts/tokens/")
    operator.type_in(name=name)
    operator.page.locator("main [name=scope]").first.check()
    operator.page.locator("main [name=name]").focus()

    press_enter_thrice(operator, until="#made")

    assert operator.page.locator("#made").input_value().startswith("sdg_")
    expect(operator.page.locator("main .row-title", has_text=name)).to_have_count(1)


def test_the_sum_follows_what_is_chosen(mentor: Visitor) -> None:
    best = mentor.choose_the_best_levels()

    expect(mentor.page.locator("main [data-total]")).to_have_text(str(best))


def test_leaving_by_the_queue_saves_what_was_written(mentor: Visitor) -> None:
    here, text = mentor.path, f"쓰다 만 글 {uuid.uuid4().hex[:6]}"
    rows = mentor.page.locator("#queue li button")
    expect(rows.first).to_be_visible()
    mentor.type_in(comment=text)

    mentor.press(rows.first)

    assert mentor.path != here
    assert "/reviews/" in mentor.path
    mentor.go(here)
    expect(mentor.page.locator("main [name=comment]")).to_have_value(text)


def test_what_is_typed_is_saved_without_a_press(mentor: Visitor) -> None:
    here, run = mentor.path, uuid.uuid4().hex[:6]
    comment, saved = "main [name=comment]", "form#review [data-draft]:has-text('저장했어요')"
    mentor.type_in(comment=f"적기 시작한 글 {run}")
    expect(mentor.page.locator(saved)).to_be_visible()

    # Closed right after the last key: nothing waits for the answer.
    mentor.page.locator(comment).press_sequentially(" 그리고 더")
    mentor.page.close()
    mentor.page = mentor.open_tab()
    mentor.go(here)
    expect(mentor.page.locator(comment)).to_have_value(f"적기 시작한 글 {run} 그리고 더")

    # Sent while the text is saved, and after more was typed.
    mentor.type_in(comment=f"보내는 글 {run}")
    expect(mentor.page.locator(saved)).to_be_visible()
    mentor.page.locator(comment).press_sequentially("!")
    mentor.press(mentor.page.locator("main form button[name=draft]"))
    expect(mentor.page.locator(comment)).to_have_value(f"보내는 글 {run}!")


def test_what_is_typed_without_a_pause_is_saved_too(mentor: Visitor) -> None:
    comment, saved = "main [name=comment]", "form#review [data-draft]:has-text('저장했어요')"
    mentor.page.clock.install()
    mentor.page.reload()
    mentor.page.locator(comment).click()

    # For longer than the ten seconds after which it is saved at the latest.
    for _ in range(8):
        mentor.page.keyboard.type("글")
        mentor.page.clock.run_for(1500)

    expect(mentor.page.locator(saved)).to_be_visible()


def test_signing_in_anew_in_a_second_tab_loses_nothing_of_the_first(mentor: Visitor) -> None:
    here, text = mentor.path, f"다시 로그인하기 전부터 쓴 글 {uuid.uuid4().hex[:6]}"
    first = mentor.page
    mentor.page = mentor.open_tab()
    mentor.go("/accounts/logout/")
    mentor.submit()
    mentor.sign_in(mentor.demo.address_of("mentor"), mentor.demo.password)
    mentor.page.close()
    mentor.page = first

    # Closed right after the last key.
    mentor.page.locator("main [name=comment]").fill(text)
    mentor.page.close()
    mentor.page = mentor.open_tab()
    mentor.go(here)
    expect(mentor.page.locator("main [name=comment]")).to_have_value(text)


def test_what_could_not_be_saved_is_said_and_leaving_asks_first(mentor: Visitor) -> None:
    here = mentor.path
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    mentor.page.on("dialog", stay)
    mentor.context.set_offline(True)
    mentor.page.locator("main [name=comment]").click()
    mentor.page.keyboard.type("아직 저장하지 못한 글")
    status = mentor.page.locator("form#review [data-draft] [role=alert]", has_text="이 브라우저에 두었다가")
    expect(status).to_be_visible()

    mentor.page.locator("header a.brand").click(no_wait_after=True)
    expect(mentor.page.locator("main [name=comment]")).to_have_value(re.compile("아직 저장하지 못한 글"))
    mentor.page.wait_for_timeout(200)

    assert asked == ["beforeunload"]
    assert mentor.path == here
    # Saved by itself once there is a connection, and then nothing is asked.
    mentor.context.set_offline(False)
    expect(status).to_be_hidden()
    mentor.press(mentor.page.locator("header a.brand"))
    assert asked == ["beforeunload"]


def test_without_scripts_the_way_to_the_queue_saves_too(browser: Browser, demo: Demo) -> None:
    with visiting(browser, demo, scripts=False) as mentor:
        mentor.sign_in(demo.address_of("mentor"), demo.password)
        mentor.go("/reviews/")
        mentor.press(mentor.page.locator("main a.row").first)
        here, text = mentor.path, f"스크립트 없이 {uuid.uuid4().hex[:6]}"
        mentor.type_in(comment=text)

        mentor.press(mentor.page.locator("#queue button[name=next][value='']"))

        assert mentor.path == "/reviews/"
        mentor.go(here)
        expect(mentor.page.locator("main [name=comment]")).to_have_value(text)


def test_a_second_device_overwrites_nothing(mentor: Visitor, browser: Browser, demo: Demo) -> None:
    run = uuid.uuid4().hex[:6]
    with visiting(browser, demo) as other:
        other.sign_in(demo.address_of("mentor"), demo.password)
        other.go(mentor.path)
        other.type_in(comment=f"다른 기기 {run}")
        other.press(other.page.locator("main form button[name=draft]"))

    mentor.type_in(comment=f"이 기기 {run}")
    mentor.press(mentor.page.locator("main form button[name=draft]"), status=422)

    expect(mentor.page.locator("[aria-labelledby=h-stored]")).to_contain_text(f"다른 기기 {run}")
    expect(mentor.page.locator("main [name=comment]")).to_have_value(f"이 기기 {run}")
    mentor.press(mentor.page.locator("[aria-labelledby=h-stored] a.btn"))
    expect(mentor.page.locator("main [name=comment]")).to_have_value(f"다른 기기 {run}")


def test_a_long_name_leaves_space_for_the_weeks_on_a_phone(browser: Browser, demo: Demo) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"[:60]
    with (
        visiting(browser, demo, size="phone") as member,
        visiting(browser, demo, size="phone") as operator,
    ):
        member.sign_in(demo.address_of("member"), demo.password)
        member.go("/accounts/profile/")
        name = member.page.locator("main [name=name]").input_value()
        try:
            member.type_in(name=long)
            member.submit()
            operator.sign_in(demo.address_of("operator"), demo.password)
            cohort = cohort_of(operator)
            row = operator.page.locator(".matrix tbody th", has_text=long)
            for _ in range(PATIENCE):
                operator.go(f"/cohorts/{cohort}/")
                if row.count():
                    break
                operator.page.wait_for_timeout(1000)

            # Half of the width is for the weeks, and the page does not scroll horizontally (checked by go()).
            box = row.bounding_box()
            assert box
            assert box["width"] <= 180
            for path in (f"/cohorts/{cohort}/members/", f"/cohorts/{cohort}/reviewers/"):
                operator.go(path)
            operator.go(f"/cohorts/{cohort}/submissions/")
        finally:
            member.go("/accounts/profile/")
            member.type_in(name=name)
            member.submit()
