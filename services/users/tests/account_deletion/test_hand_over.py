"""The only operator of a cohort cannot close the account."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from chassis.web.auth import verify
from tests.conftest import PASSWORD, FakeStudy
from users.accounts.models import Account

pytestmark = pytest.mark.django_db
URL = "/accounts/close/"
HERE = {"title": "16기", "path": "/cohorts/00000000-0000-4000-8000-000000000016/members/"}


def is_closed(account: Account) -> bool:
    account.refresh_from_db()
    return account.closed_at is not None


def test_the_cohorts_are_named_with_the_page_where_somebody_is_appointed(
    ada: Account, browser: Any, study: FakeStudy, published: Any
) -> None:
    here = browser(ada)
    study.cohorts = [HERE, {"title": "17기", "path": "/cohorts/17/members/"}]

    asked = here.get(URL)
    posted = here.post(URL, {"password": PASSWORD})

    assert (asked.status_code, posted.status_code) == (200, 409)
    for answer in (asked, posted):
        page = answer.content.decode()
        assert "먼저 운영진을 넘겨 주세요" in page
        assert f'href="{HERE["path"]}"' in page
        assert "16기" in page
        assert "17기" in page
        assert 'name="password"' not in page
    assert not is_closed(ada)
    assert published("users.account_closed.v1") == []


def test_once_somebody_else_runs_them_the_account_closes(
    ada: Account, browser: Any, study: FakeStudy
) -> None:
    here = browser(ada)
    study.cohorts = [HERE]
    here.post(URL, {"password": PASSWORD})

    study.cohorts = []
    assert here.post(URL, {"password": PASSWORD}).status_code == 302

    assert is_closed(ada)


def test_study_is_asked_about_this_account_with_a_token_of_users_for_study_alone(
    ada: Account, browser: Any, study: FakeStudy, settings: Any
) -> None:
    browser(ada).get(URL)

    [(path, authorization)] = study.requests
    assert path == f"/internal/accounts/{ada.id}/cohorts-to-hand-over"
    settings.SERVICE = "study"
    principal = verify(authorization.removeprefix("Bearer "))
    assert (principal.use, principal.subject) == ("service", "users")


@pytest.mark.parametrize("trouble", ["refused", "silent", "broken", "older release"])
def test_without_an_answer_nothing_is_closed_and_the_page_says_to_try_again(
    ada: Account, browser: Any, study: FakeStudy, settings: Any, trouble: str
) -> None:
    here = browser(ada)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if trouble == "silent":
            listener.listen()
        if trouble in {"refused", "silent"}:
            settings.STUDY_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
        study.status = {"broken": 500, "older release": 404}.get(trouble, 200)

        answer = here.post(URL, {"password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "지금은 운영하는 기수를 확인할 수 없어요." in answer.content.decode()
    assert not is_closed(ada)
