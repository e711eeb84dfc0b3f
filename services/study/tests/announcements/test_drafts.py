"""Operators save announcements as drafts, which are published by hand or at their time, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chassis.errors import DomainError
from chassis.testing import NOW, assert_constant_queries
from study.announcements import actions, queries
from study.announcements.actions import MAX_DRAFTS, DraftGone, PublishTimePassed, TooManyDrafts
from study.announcements.models import Announcement, AnnouncementDraft
from study.announcements.tasks import publish_due_drafts
from study.celery import app
from study.cohorts.actions import close_cohort
from study.cohorts.models import Cohort, Membership, Role
from tests.conftest import ADA, BORIS, CLARA, OLGA, announcement_page

PUBLISHED = "study.announcement_published.v1"
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Set the time with clock(at)."""

    def set_time(at: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    set_time(NOW)
    return set_time


def write(club, publish_at=LATER, by=OLGA, **more):
    return actions.create_draft(
        **{"cohort": club.cohort, "title": "OT 안내", "body": "금요일", "publish_at": publish_at} | more,
        by=by,
        at=NOW,
    )


def new(club):
    return f"/cohorts/{club.cohort.id}/announcements/new/"


def test_what_is_written_is_saved_as_a_draft_and_nobody_is_notified(club, as_principal, published):
    olga = as_principal(OLGA)

    answer = olga.post(new(club), {"title": "OT", "body": "금요일", "save": "1"}, follow=True)

    draft = AnnouncementDraft.objects.get()
    assert (draft.title, draft.publish_at, draft.author_id) == ("OT", None, None)
    assert f'href="/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/"' in answer.content.decode()
    assert "임시 저장했어요." in answer.content.decode()
    here = f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/"
    typed = {"title": "OT 안내", "body": "토요일", "part_id": str(club.backend.id), "save": "1"}
    assert olga.post(here, typed)["Location"] == f"/cohorts/{club.cohort.id}/announcements/"
    draft.refresh_from_db()
    assert (draft.title, draft.body, draft.part) == ("OT 안내", "토요일", club.backend)
    assert published(PUBLISHED) == []
    assert not Announcement.objects.exists()


def test_a_time_is_by_the_clock_of_the_cohort_and_what_it_publishes_was_looked_at(club, as_principal):
    Cohort.objects.filter(id=club.cohort.id).update(time_zone="America/New_York")
    olga, typed = as_principal(OLGA), {"title": "OT", "body": "금요일", "publish_at": "2030-01-02T09:00"}

    shown = olga.post(new(club), typed | {"save": "1"})
    assert shown.status_code == 200
    assert not AnnouncementDraft.objects.exists()
    assert "America/New_York" in shown.content.decode()
    assert "09:00</time>에 올리기" in shown.content.decode()

    olga.post(new(club), typed | {"save": "1", "seen": shown.context["form"].digest})
    draft = AnnouncementDraft.objects.get()
    assert (draft.publish_at, draft.author_id) == (datetime(2030, 1, 2, 14, tzinfo=UTC), OLGA)
    page = olga.get(f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/").content.decode()
    assert 'value="2030-01-02T09:00"' in page


def test_a_time_that_has_passed_is_refused_at_its_field_and_what_was_typed_stays(club, as_principal):
    olga, typed = as_principal(OLGA), {"title": "OT", "body": "적은 것", "publish_at": "2020-01-02T09:00"}
    seen = olga.post(new(club), typed | {"preview": "1"}).context["form"].digest

    refused = olga.post(new(club), typed | {"save": "1", "seen": seen})

    assert refused.status_code == 422
    assert "이미 지난 시각이에요" in refused.content.decode()
    assert "적은 것" in refused.content.decode()
    assert not AnnouncementDraft.objects.exists()


def test_publish_now_shows_the_draft_and_publishes_it_whatever_its_time(club, as_principal, published):
    draft, olga = write(club, body="금요일\n19시"), as_principal(OLGA)
    here = f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/"
    listed = olga.get(f"/cohorts/{club.cohort.id}/announcements/").content.decode()
    assert f'href="{here}?preview=1"' in listed

    form = olga.get(f"{here}?preview=1").context["form"]
    typed = {"title": "OT 안내", "body": "금요일\r\n19시"}
    typed["publish_at"] = form["publish_at"].value()
    answer = olga.post(f"{here}?preview=1", typed | {"publish": "1", "seen": form.digest})

    made = Announcement.objects.get()
    assert answer["Location"] == announcement_page(made)
    assert not AnnouncementDraft.objects.exists()
    assert len(published(PUBLISHED)) == 1


def test_a_draft_is_published_at_its_time_once_by_who_set_it(club, clock, published):
    Membership.objects.create(cohort=club.cohort, account_id=CLARA, role=Role.OPERATOR, joined_at=NOW)
    timed, _other = write(club, by=CLARA, part_id=club.backend.id), write(club, publish_at=None)
    publish_due_drafts()
    assert published(PUBLISHED) == []

    clock(LATER)
    publish_due_drafts()
    publish_due_drafts()

    made = Announcement.objects.get()
    assert (made.author_id, made.part, made.published_at) == (CLARA, club.backend, LATER)
    [event] = published(PUBLISHED)
    assert set(event["recipients"]) == {str(ADA), str(BORIS), str(OLGA)}
    assert [draft.publish_at for draft in AnnouncementDraft.objects.all()] == [None]
    assert actions.publish_due_draft(draft_id=timed.id, at=LATER) is None


def test_in_a_cohort_closed_meanwhile_it_stays_a_draft_and_the_list_says_so(
    club, clock, published, as_principal
):
    draft = write(club)
    close_cohort(cohort=club.cohort, at=NOW)
    clock(LATER)

    publish_due_drafts()
    publish_due_drafts()

    draft.refresh_from_db()
    assert (draft.publish_at, draft.author_id, draft.missed_at) == (None, None, LATER)
    assert published(PUBLISHED) == []
    listed = as_principal(OLGA).get(f"/cohorts/{club.cohort.id}/announcements/").content.decode()
    assert "올리지 못함" in listed
    assert "?preview=1" not in listed


def test_the_time_is_cancelled_by_one_press_and_by_the_api(club, clock, published, as_principal, api_as):
    first, second = write(club), write(club)

    as_principal(OLGA).post(f"/cohorts/{club.cohort.id}/announcements/drafts/{first.id}/cancel/")
    body = {"title": "OT 안내", "body": "금요일", "publish_at": None}
    changed = api_as(OLGA).put(f"/api/v1/study/announcement-drafts/{second.id}", body, format="json")

    assert (changed.status_code, changed.json()["publish_at"], changed.json()["author_id"]) == (
        200,
        None,
        None,
    )
    clock(LATER)
    publish_due_drafts()
    assert published(PUBLISHED) == []
    assert AnnouncementDraft.objects.filter(publish_at=None, author_id=None).count() == 2


def test_who_sets_another_time_is_the_author_and_who_changes_the_text_is_not(club):
    draft = write(club)
    said: dict[str, Any] = {"title": "OT", "body": "토요일", "by": CLARA, "at": NOW}

    assert actions.update_draft(draft=draft, publish_at=LATER, **said).author_id == OLGA
    moved = actions.update_draft(draft=draft, publish_at=LATER + timedelta(hours=1), **said)
    assert (moved.author_id, moved.body) == (CLARA, "토요일")


def test_one_that_was_published_meanwhile_is_not_changed_or_cancelled(club):
    draft = write(club)
    actions.publish_due_draft(draft_id=draft.id, at=LATER)

    with pytest.raises(DraftGone):
        actions.update_draft(draft=draft, title="OT", body="토요일", by=OLGA, at=LATER)
    with pytest.raises(DraftGone):
        actions.cancel_publish_time(draft=draft)
    with pytest.raises(DraftGone):
        actions.delete_draft(draft=draft)
    assert Announcement.objects.get().body == "금요일"


def test_a_draft_is_refused_as_an_announcement_would_be(club):
    draft, foreign = write(club), club.other.teams.create(name="남의 팀")
    both = {"part_id": club.backend.id, "team_id": club.team.id}
    said: dict[str, Any] = {"title": "OT", "body": "토요일", "by": OLGA, "at": NOW}
    for audience, code in [(both, "part_and_team"), ({"team_id": foreign.id}, "no_such_team")]:
        for action in (
            lambda **more: actions.create_draft(cohort=club.cohort, **said, **more),
            lambda **more: actions.update_draft(draft=draft, **said, **more),
        ):
            with pytest.raises(DomainError) as refused:
                action(**audience)
            assert refused.value.code == code
    with pytest.raises(PublishTimePassed):
        actions.update_draft(draft=draft, publish_at=NOW, **said)
    draft.refresh_from_db()
    assert draft.body == "금요일"


def test_a_cohort_has_at_most_two_hundred_drafts(club):
    AnnouncementDraft.objects.bulk_create(
        AnnouncementDraft(cohort=club.cohort, title="OT", body="금요일") for _ in range(MAX_DRAFTS)
    )

    with pytest.raises(TooManyDrafts):
        write(club)
    assert AnnouncementDraft.objects.count() == MAX_DRAFTS


def test_a_draft_with_a_time_has_an_author(club):
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncementDraft.objects.create(cohort=club.cohort, title="OT", body="금요일", publish_at=LATER)


@pytest.mark.parametrize("who", [ADA, BORIS, CLARA])
def test_only_operators_of_the_cohort_save_and_cancel(club, as_principal, who):
    draft, browser = write(club), as_principal(who)

    saved = browser.post(new(club), {"title": "OT", "body": "금요일", "save": "1"})
    cancelled = browser.post(f"/cohorts/{club.cohort.id}/announcements/drafts/{draft.id}/cancel/")

    assert (saved.status_code, cancelled.status_code) == (404, 404)
    assert AnnouncementDraft.objects.get().publish_at == LATER


def test_the_list_of_drafts_and_the_job_cost_the_same_however_many_there_are(club, as_principal):
    write(club), write(club, publish_at=None)
    olga = as_principal(OLGA)

    assert_constant_queries(
        lambda: (olga.get(f"/cohorts/{club.cohort.id}/announcements/"), queries.drafts_due(LATER, limit=5)),
        lambda: [write(club, title=f"{n}") for n in range(10)],
    )


def test_the_schedule_publishes_every_minute():
    entries = [
        entry
        for entry in app.conf.beat_schedule.values()
        if entry["task"] == "study.announcements.tasks.publish_due_drafts"
    ]

    assert [timedelta(seconds=60)] == [
        when if isinstance(when, timedelta) else timedelta(seconds=when)
        for when in (entry["schedule"] for entry in entries)
    ]
    app.loader.import_default_modules()
    assert publish_due_drafts.name in app.tasks
