"""Avatars are copied from GitHub and served from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.testing import NOW
from chassis.testing.serving import Request, Response, serving
from tests.conftest import CLIENT_INFO
from users.account_deletion.actions import close_account
from users.accounts.actions.github import link_github, unlink_github
from users.accounts.models import Account
from users.avatars.models import Avatar
from users.avatars.rules import MAX_BYTES
from users.avatars.tasks import copy_avatars

pytestmark = pytest.mark.django_db

GITHUB_ID = 583231
PNG = b"\x89PNG\r\n\x1a\n the avatar"
NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@dataclass
class Avatars:
    """The server of GitHub's avatars, by id."""

    answers: dict[str, Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def respond(self, request: Request) -> Response:
        self.asked.append(f"{request.path}?s={request.query['s']}")
        return self.answers.get(request.path, (404, {}, b"Not Found"))


@pytest.fixture
def avatars(settings: Any) -> Iterator[Avatars]:
    server = Avatars({f"/u/{GITHUB_ID}": (200, {"Content-Type": "image/png"}, PNG)})
    with serving(server.respond) as url:
        settings.GITHUB_AVATAR_URL = f"{url}/u"
        yield server


@pytest.fixture
def linked(ada: Account) -> Account:
    link(ada, GITHUB_ID)
    return ada


def link(account: Account, github_id: int) -> None:
    link_github(account_id=account.id, github_id=github_id, login="octo", client=CLIENT_INFO, at=NOW)


def make_due(account: Account) -> None:
    Avatar.objects.filter(account_id=account.id).update(due_at=timezone.now())


def shown(here: Any, account: Account) -> tuple[str, bytes]:
    answer = here.get(f"/accounts/avatars/{account.id}/")
    assert answer.status_code == 200
    return answer["Content-Type"], answer.content


def test_everybody_signed_in_sees_the_avatar_of_who_linked_github(
    linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    copy_avatars()

    answer = browser(clara).get(f"/accounts/avatars/{linked.id}/")

    assert (answer["Content-Type"], answer.content) == ("image/png", PNG)
    assert answer["Cache-Control"] == "private, max-age=86400"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert avatars.asked == [f"/u/{GITHUB_ID}?s=88"]


def test_a_browser_that_has_the_avatar_gets_it_no_second_time(
    linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    copy_avatars()
    here = browser(clara)
    etag = here.get(f"/accounts/avatars/{linked.id}/")["ETag"]

    again = here.get(f"/accounts/avatars/{linked.id}/", headers={"if-none-match": etag})

    assert (again.status_code, again.content) == (304, b"")


def test_a_page_learns_at_once_who_of_its_people_has_an_avatar(
    linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    here = browser(clara)
    address = f"/accounts/avatars/?of={linked.id},{clara.id},{uuid4()},nobody,"
    assert here.get(address).json() == []

    copy_avatars()

    answer = here.get(address)
    assert answer.json() == [str(linked.id)]
    assert answer["Cache-Control"] == "private, max-age=600"
    unlink_github(account_id=linked.id, client=CLIENT_INFO, at=NOW)
    assert here.get(address).json() == []


def test_who_asks_for_many_gets_an_answer_about_the_first_forty(
    linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    copy_avatars()
    others = ",".join(str(uuid4()) for _ in range(40))
    assert browser(clara).get(f"/accounts/avatars/?of={others},{linked.id}").json() == []
    assert browser(clara).get("/accounts/avatars/").json() == []


def test_who_is_not_signed_in_sees_no_avatar(linked: Account, browser: Any, avatars: Avatars) -> None:
    copy_avatars()
    answer = browser().get(f"/accounts/avatars/{linked.id}/")
    assert answer.status_code == 307
    assert browser().get(f"/accounts/avatars/?of={linked.id}").status_code == 307
    assert PNG not in answer.content


@pytest.mark.parametrize("who", ["not linked", "not copied yet", "nobody"])
def test_without_a_avatar_the_image_is_empty(
    who: str, ada: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    if who == "not copied yet":
        link(ada, GITHUB_ID)
    account = ada if who != "nobody" else Account(id=uuid4())
    assert shown(browser(clara), account) == ("image/svg+xml", NOTHING)


def test_a_avatar_is_copied_once_and_again_after_a_week(linked: Account, avatars: Avatars) -> None:
    copy_avatars()
    copy_avatars()
    assert len(avatars.asked) == 1

    week = Avatar.objects.get(account_id=linked.id).due_at - timezone.now()
    assert timedelta(days=6, hours=23) < week <= timedelta(days=7)
    make_due(linked)
    avatars.answers[f"/u/{GITHUB_ID}"] = (200, {}, PNG + b", newer")
    copy_avatars()
    assert bytes(Avatar.objects.get().content) == PNG + b", newer"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, {"Content-Type": "image/png"}, b"<svg onload=alert(1)>"), id="no image"),
        pytest.param((200, {"Content-Type": "image/png"}, PNG + bytes(MAX_BYTES)), id="too large"),
        pytest.param((404, {}, b""), id="none"),
        pytest.param((302, {"Location": "/u/1"}, b""), id="elsewhere"),
    ],
)
def test_what_is_no_small_image_is_not_kept(
    answer: Response, linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    avatars.answers[f"/u/{GITHUB_ID}"] = answer
    copy_avatars()
    assert shown(browser(clara), linked) == ("image/svg+xml", NOTHING)
    assert len(avatars.asked) == 1


@pytest.mark.parametrize("answer", [(503, {}, b""), (429, {}, b""), None])
def test_a_avatar_stays_while_github_does_not_answer(
    answer: Response, linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    link(clara, 1)
    copy_avatars()
    make_due(linked)
    make_due(clara)
    avatars.asked.clear()
    avatars.answers = {f"/u/{GITHUB_ID}": answer, "/u/1": answer}

    copy_avatars()

    assert len(avatars.asked) == 1, "It was asked again in the same task."
    assert shown(browser(clara), linked) == ("image/png", PNG)
    copy_avatars()
    copy_avatars()
    assert len(avatars.asked) == 2, "Each account is asked for once an hour."


def test_another_github_account_has_another_avatar(
    linked: Account, clara: Account, browser: Any, avatars: Avatars
) -> None:
    copy_avatars()
    unlink_github(account_id=linked.id, client=CLIENT_INFO, at=NOW)
    here = browser(clara)
    assert shown(here, linked) == ("image/svg+xml", NOTHING)

    link(linked, 2)
    avatars.answers["/u/2"] = (200, {}, b"GIF89a the other")
    assert shown(here, linked) == ("image/svg+xml", NOTHING)
    copy_avatars()
    assert shown(here, linked) == ("image/gif", b"GIF89a the other")


def test_an_unlinked_avatar_is_deleted(linked: Account, avatars: Avatars) -> None:
    copy_avatars()
    unlink_github(account_id=linked.id, client=CLIENT_INFO, at=NOW)
    copy_avatars()
    assert not Avatar.objects.exists()
    assert len(avatars.asked) == 1


def test_a_closed_account_has_no_avatar(linked: Account, avatars: Avatars) -> None:
    copy_avatars()
    close_account(account_id=linked.id, email=linked.email or "", at=NOW)
    assert not Avatar.objects.exists()
    copy_avatars()
    assert not Avatar.objects.exists()


def test_the_export_says_which_avatar_is_kept(linked: Account, browser: Any, avatars: Avatars) -> None:
    from users.exports.queries import own_section

    assert own_section(linked)["avatar"] is None
    copy_avatars()
    assert own_section(linked)["avatar"] == {
        "github_id": GITHUB_ID,
        "media_type": "image/png",
        "bytes": len(PNG),
    }
