"""The index of a cohort's settings: a row for each, with its state."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Cohort, Role, Team, Week
from study.github.models import Repository, Webhook
from study.home.queries.settings import settings_state
from study.installations.models import Installation
from study.memberships.models import Invitation, JoinRequest
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER

pytestmark = pytest.mark.django_db
LATER = timedelta(days=7)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def entries(as_principal: Callable[..., Any]) -> Callable[..., dict[str, str]]:
    """Return the address and the texts of each row of a page, the texts joined by " · "."""

    def read(address: str, account_id: Any = OLGA, **claims: Any) -> dict[str, str]:
        page = as_principal(account_id, **claims).get(address).content.decode()
        rows = re.findall(r'<a class="row" href="([^"]+)">(.*?)</a>', page, re.DOTALL)
        texts = {to: re.findall(r">([^<>]*\w[^<>]*)<", row) for to, row in rows}
        return {to: " · ".join(" ".join(text.split()) for text in row) for to, row in texts.items()}

    return read


def invite(cohort: Cohort, **values: Any) -> Invitation:
    values = {
        "expires_at": NOW + LATER,
        "max_uses": 30,
        "token": f"token{Invitation.objects.count()}",
    } | values
    return Invitation.objects.create(
        cohort=cohort, role=Role.MEMBER, created_by=OLGA, created_at=NOW, **values
    )


def test_each_setting_is_a_row_with_its_state(
    club: SimpleNamespace, entries: Callable[..., dict[str, str]]
) -> None:
    here = f"/cohorts/{club.cohort.id}/settings/"

    assert entries(here) == {
        f"{here}name/": "이름과 시간대 · 16기 · Asia/Seoul",
        f"{here}parts/": "파트와 팀 · 파트 2개 · 팀 1개",
        f"{here}weeks/": "주차 · 8주 · 1.3(일) · 까지",
        f"{here}joining/": "참여 · 링크가 있으면 누구나 바로 참여해요 · 쓸 수 있는 링크 0개",
        f"{here}connections/": "연결 · GitHub이 연결되지 않았어요 · 채팅방에 알리기",
        f"{here}end/": "다음 기수와 종료 · 진행 중",
    }


def test_a_row_says_what_is_missing(club: SimpleNamespace, entries: Callable[..., dict[str, str]]) -> None:
    here = f"/cohorts/{club.other.id}/settings/"

    found = entries(here, CLARA)

    assert found[f"{here}parts/"] == "파트와 팀 · 아직 파트가 없어요"
    assert found[f"{here}weeks/"] == "주차 · 아직 주차가 없어요"


def test_joining_counts_the_links_that_work_and_the_requests_that_wait(
    club: SimpleNamespace, entries: Callable[..., dict[str, str]]
) -> None:
    Cohort.objects.filter(id=club.cohort.id).update(joins_by_approval=True)
    shared = invite(club.cohort)
    invite(club.cohort, max_uses=1)
    invite(club.cohort, withdrawn_at=NOW)
    invite(club.cohort, expires_at=NOW)
    invite(club.cohort, max_uses=1, uses=1)
    invite(club.other)
    declined: dict[str, Any] = {"decided_at": NOW, "decided_by": OLGA, "approved": False}
    for account_id, decision in ((CLARA, {}), (STRANGER, declined)):
        JoinRequest.objects.create(
            cohort=club.cohort,
            invitation=shared,
            account_id=account_id,
            role=Role.MEMBER,
            consent_given_at=NOW,
            created_at=NOW,
            **decision,
        )
    here = f"/cohorts/{club.cohort.id}/settings/"

    assert entries(here)[f"{here}joining/"] == "참여 · 한 명씩 승인해요 · 쓸 수 있는 링크 2개 · 승인 대기 1건"


def test_connections_say_how_github_reports_and_lead_to_the_chats(
    club: SimpleNamespace, entries: Callable[..., dict[str, str]]
) -> None:
    here, cohort = f"/cohorts/{club.cohort.id}/settings/connections/", f"/cohorts/{club.cohort.id}"

    assert list(entries(here)) == [
        f"{cohort}/hook/app/",
        f"{cohort}/hook/",
        f"/notifications/chat{cohort.removeprefix('/cohorts')}/",
    ]
    assert entries(here)[f"{cohort}/hook/"] == "GitHub 웹훅 · 아직 웹훅이 없어요"
    Webhook.objects.create(cohort=club.other, secret="x", created_at=NOW)
    assert entries(f"{cohort}/settings/")[here] == "연결 · GitHub이 연결되지 않았어요 · 채팅방에 알리기"
    Webhook.objects.create(cohort=club.cohort, secret="x", created_at=NOW)
    assert entries(f"{cohort}/settings/")[here] == "연결 · GitHub 웹훅 · 채팅방에 알리기"
    assert entries(here)[f"{cohort}/hook/app/"] == "GitHub · GitHub 앱 설치 안 됨"
    assert entries(here)[f"{cohort}/hook/"] == "GitHub 웹훅 · 웹훅 설정됨"

    Repository.objects.create(cohort=club.cohort, name="club/first")
    installation = Installation.objects.create(
        id=7, account_login="club", has_all_repositories=True, github_updated_at=NOW
    )
    assert entries(here)[f"{cohort}/hook/app/"] == "GitHub · GitHub 앱 설치됨"
    installation.suspended_at = NOW
    installation.save(update_fields=["suspended_at"])
    assert entries(here)[f"{cohort}/hook/app/"] == "GitHub · GitHub 앱이 제거됐거나 일시 중지됐어요"


def test_a_closed_cohort_says_since_when(
    club: SimpleNamespace, entries: Callable[..., dict[str, str]]
) -> None:
    Cohort.objects.filter(id=club.cohort.id).update(closed_at=NOW)
    here = f"/cohorts/{club.cohort.id}/settings/"

    assert entries(here)[f"{here}end/"].startswith("다음 기수와 종료 · 종료 시각: · 2026.")
    assert "Running" not in entries(here, locale="en")[f"{here}end/"]


@pytest.mark.parametrize("account_id", [ADA, BORIS, CLARA, STRANGER])
@pytest.mark.parametrize("name", ["", "connections/"])
def test_the_index_is_not_there_for_anyone_else(
    club: SimpleNamespace, as_principal: Callable[..., Any], account_id: Any, name: str
) -> None:
    assert as_principal(account_id).get(f"/cohorts/{club.cohort.id}/settings/{name}").status_code == 404


def test_the_index_costs_the_same_whatever_there_is(
    club: SimpleNamespace, as_principal: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    olga = as_principal(OLGA)

    def add_rows() -> None:
        for n in range(5):
            Team.objects.create(cohort=club.cohort, name=f"{n + 2}조")
            Week.objects.create(cohort=club.cohort, number=n + 9, starts_on=date(2027, 1, 4) + n * LATER)
            invite(club.cohort)

    assert_constant_queries(lambda: olga.get(f"/cohorts/{club.cohort.id}/settings/"), add_rows)
    with django_assert_max_num_queries(3):
        settings_state(club.cohort, at=NOW)


def test_in_english_the_index_is_english(
    club: SimpleNamespace, entries: Callable[..., dict[str, str]]
) -> None:
    here = f"/cohorts/{club.cohort.id}/settings/"
    invite(club.cohort)

    found = entries(here, locale="en")

    assert found[f"{here}parts/"] == "Parts and teams · 2 parts · 1 team"
    assert found[f"{here}joining/"] == "Joining · Everyone with a link is in at once · 1 valid link"
