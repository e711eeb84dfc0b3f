"""Operators see who has opened an announcement, and remind the others at most once a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.errors import DomainError
from chassis.testing import NOW, assert_constant_queries
from study.announcements import actions, queries
from study.announcements.models import AnnouncementRead, AnnouncementReminder
from study.cohorts.actions import CohortClosed, close_cohort
from study.cohorts.models import Cohort, Membership, Role
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from tests.announcements.test_announcements import say
from tests.conftest import ADA, BORIS, CLARA, OLGA, announcement_page

REMINDED = "study.readers_reminded.v1"


def read_by(announcement):
    return set(
        AnnouncementRead.objects.filter(announcement=announcement).values_list("account_id", flat=True)
    )


def test_opening_it_is_recorded_once_by_page_and_api(club, as_principal, api_as):
    announcement = say(club)
    page, address = announcement_page(announcement), f"/api/v1/study/announcements/{announcement.id}"
    assert read_by(announcement) == set()

    api_as(BORIS).get(f"/api/v1/study/cohorts/{club.cohort.id}/announcements")
    assert read_by(announcement) == set()

    as_principal(ADA).get(page)
    first = AnnouncementRead.objects.get()
    api_as(ADA).get(address)
    as_principal(ADA).get(page)
    assert AnnouncementRead.objects.get().read_at == first.read_at
    assert abs(timezone.now() - first.read_at) < timedelta(minutes=5)

    api_as(BORIS).get(address)
    as_principal(OLGA).get(page)
    as_principal(CLARA).get(page)
    assert read_by(announcement) == {ADA, BORIS}


def test_two_openings_at_once_are_one(club):
    announcement = say(club)
    AnnouncementRead.objects.bulk_create(
        [AnnouncementRead(announcement=announcement, account_id=ADA, read_at=NOW)] * 2, ignore_conflicts=True
    )

    assert AnnouncementRead.objects.count() == 1


def test_a_withdrawn_one_is_read_by_nobody(club, as_principal):
    announcement = say(club)
    second = Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=NOW
    )
    actions.withdraw(announcement=announcement, at=NOW)

    for who in (ADA, second.account_id):
        as_principal(who).get(announcement_page(announcement))

    assert read_by(announcement) == set()


def test_operators_see_who_has_not_read_it_first(club, as_principal, api_as):
    announcement = say(club)
    here = announcement_page(announcement)
    actions.record_read(announcement=announcement, account_id=ADA, at=NOW)

    detail = as_principal(OLGA).get(here).content.decode()
    assert "2명 중 1명이 읽었어요" in detail
    assert f'href="{here}readers/"' in detail
    assert "명이 읽었어요" not in as_principal(ADA).get(here).content.decode()

    page = as_principal(OLGA).get(f"{here}readers/").content.decode()
    assert page.index("Boris") < page.index("읽지 않음") < page.index("Ada")
    rows = api_as(OLGA).get(f"/api/v1/study/announcements/{announcement.id}/readers").json()["results"]
    assert [(row["name"], row["read_at"] is None) for row in rows] == [("Boris", True), ("Ada", False)]
    assert rows[0]["membership_id"] == str(club.boris.id)
    for who in (ADA, BORIS, CLARA):
        assert as_principal(who).get(f"{here}readers/").status_code == 404
        assert as_principal(who).post(f"{here}remind/").status_code == 404


def test_whom_it_is_for_is_whom_it_was_published_to(club, published):
    Membership.objects.filter(id=club.boris.id).update(part=club.frontend)
    club.cohort.teams.filter(id=club.team.id).update(mentor_id=BORIS)
    Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=NOW)
    for announcement in (say(club), say(club, part=club.backend), say(club, team_id=club.team.id)):
        events = published("study.announcement_published.v1")
        [event] = [event for event in events if event["announcement_id"] == str(announcement.id)]
        rows = queries.readers(announcement, at=NOW).rows

        assert {str(row.account_id) for row in rows} == set(event["recipients"])
        assert queries.read_counts(announcement, at=NOW).readers == len(rows)


def test_the_list_of_readers_is_paged_across_read_and_unread(club, api_as):
    announcement = say(club)
    for n in range(5):
        account_id = CLARA if not n else f"00000000-0000-4000-8000-0000000000{n:02}"
        Membership.objects.create(cohort=club.cohort, account_id=account_id, role=Role.MEMBER, joined_at=NOW)
    for account_id in (ADA, CLARA):
        actions.record_read(announcement=announcement, account_id=account_id, at=NOW)
    address, found, cursor = f"/api/v1/study/announcements/{announcement.id}/readers", [], None

    for _page in range(4):
        given = api_as(OLGA).get(address, {"size": 2} | ({"cursor": cursor} if cursor else {})).json()
        found += given["results"]
        cursor = given["next"]

    assert cursor is None
    assert len({row["account_id"] for row in found}) == len(found) == 7
    assert [row["read_at"] is None for row in found] == [True] * 5 + [False] * 2


def test_the_pages_of_readers_cost_the_same_however_many_there_are(club, as_principal):
    announcement = say(club)
    olga = as_principal(OLGA)

    def open_pages() -> None:
        olga.get(announcement_page(announcement))
        olga.get(f"{announcement_page(announcement)}readers/")

    def add_readers() -> None:
        for n in range(20):
            account_id = UUID(int=n)
            Membership.objects.create(
                cohort=club.cohort, account_id=account_id, role=Role.MEMBER, joined_at=NOW
            )
            if n % 2:
                actions.record_read(announcement=announcement, account_id=account_id, at=NOW)

    assert_constant_queries(open_pages, add_readers)


def test_those_who_have_not_read_it_are_reminded_once_a_day(club, published):
    announcement = say(club)
    actions.record_read(announcement=announcement, account_id=ADA, at=NOW)

    assert actions.remind_readers(announcement=announcement, at=NOW) == 1
    assert actions.remind_readers(announcement=announcement, at=NOW) == 0

    [event] = published(REMINDED)
    assert event["recipients"] == [str(BORIS)]
    assert (event["title"], event["excerpt"]) == ("OT 안내", "금요일 19시에 만나요.")
    assert actions.remind_readers(announcement=announcement, at=NOW + timedelta(days=1)) == 1
    assert len({event["day"] for event in published(REMINDED)}) == 2


def test_the_day_is_the_cohorts(club, published):
    Cohort.objects.filter(id=club.cohort.id).update(time_zone="Asia/Seoul")
    announcement = say(club)
    before_midnight = datetime(2026, 12, 1, 14, 59, tzinfo=UTC)

    for at in (before_midnight, before_midnight + timedelta(minutes=1)):
        assert actions.remind_readers(announcement=announcement, at=at) == 2

    assert [event["day"] for event in published(REMINDED)] == ["2026-12-01", "2026-12-02"]


def test_one_press_reminds_after_a_confirmation_and_says_how_many(club, as_principal, published):
    announcement, olga = say(club), as_principal(OLGA)
    here = announcement_page(announcement)

    asked = olga.get(f"{here}remind/").content.decode()
    assert "2명에게 다시 알릴까요?" in asked
    assert published(REMINDED) == []

    assert "2명에게 다시 알렸어요." in olga.post(f"{here}remind/", follow=True).content.decode()
    again = olga.post(f"{here}remind/", follow=True).content.decode()
    assert "알릴 사람이 없어요." in again
    assert f'href="{here}remind/"' not in again
    assert again.count("오늘 알렸어요") == 2
    assert olga.get(f"{here}remind/")["Location"] == f"{here}readers/"
    assert len(published(REMINDED)) == 1


def test_by_the_api_too(club, api_as):
    address = f"/api/v1/study/announcements/{say(club).id}/reminders"

    assert [api_as(OLGA).post(address).json() for _press in range(2)] == [{"reminded": 2}, {"reminded": 0}]


def test_of_a_withdrawn_one_or_in_a_closed_cohort_nobody_is_reminded(club, published):
    withdrawn, announcement = say(club), say(club)
    actions.withdraw(announcement=withdrawn, at=NOW)
    with pytest.raises(DomainError) as refused:
        actions.remind_readers(announcement=withdrawn, at=NOW)
    assert refused.value.code == "announcement_not_published"

    close_cohort(cohort=club.cohort, at=NOW)
    with pytest.raises(CohortClosed):
        actions.remind_readers(announcement=announcement, at=NOW)

    assert published(REMINDED) == []
    assert not AnnouncementReminder.objects.exists()


def test_what_was_opened_is_exported_and_erased_with_the_account(club):
    announcement = say(club)
    actions.record_read(announcement=announcement, account_id=ADA, at=NOW)
    AnnouncementReminder.objects.create(
        announcement=announcement, account_id=ADA, day=date(2026, 12, 1), created_at=NOW
    )
    actions.record_read(announcement=announcement, account_id=BORIS, at=NOW)

    mine = export_personal_data(ADA)
    assert [row["title"] for row in mine["announcement_reads"]] == ["OT 안내"]
    assert [row["title"] for row in mine["announcement_reminders"]] == ["OT 안내"]

    delete_personal_data(account_id=ADA, at=NOW)
    assert read_by(announcement) == {BORIS}
    assert not AnnouncementReminder.objects.exists()
