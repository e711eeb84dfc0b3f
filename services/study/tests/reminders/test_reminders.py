"""The periodic tasks and an operator remind exactly those who owe, once."""

from __future__ import annotations

import html
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.actions import close_cohort
from study.cohorts.models import Cohort, Membership, Role
from study.missions.actions.deadlines import grant_extension, set_part_deadline, withdraw_extension
from study.missions.actions.requests import decide_extension_requests, request_extension
from study.missions.models import Mission
from study.personal_data.actions import delete_personal_data
from study.personal_data.queries import export_personal_data
from study.reminders import actions, queries, tasks
from study.reminders.models import Reminder, ReviewDigest
from study.reminders.tasks import send_reminders
from study.submissions.models import State, Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA, mission_page
from tests.installations.test_concurrency import at_once, run_at_once
from tests.missions.conftest import everyones, mission_fields  # noqa: F401
from tests.missions.test_pages import text_of
from tests.reviews.conftest import create_submission, work  # noqa: F401

HOUR = timedelta(hours=1)
DUE = NOW + timedelta(days=6)
MEMBERS = "study.members_reminded.v1"
REVIEWERS = "study.reviewer_reminded.v1"
GRACE, HEDY = UUID(int=0xACE), UUID(int=0x4ED)


@pytest.fixture
def members(club):
    """Grace in the frontend, and Hedy in the backend like Ada."""
    return {
        account_id: Membership.objects.create(
            cohort=club.cohort, account_id=account_id, role=Role.MEMBER, part=part, joined_at=NOW
        )
        for account_id, part in [(GRACE, club.frontend), (HEDY, club.backend)]
    }


@pytest.fixture
def mission(club, everyones):  # noqa: F811
    """A mission for everyone that opens now, and is due in six days."""
    Mission.objects.filter(id=everyones.id).update(opens_at=NOW, due_at=DUE)
    everyones.refresh_from_db()
    return everyones


@pytest.fixture
def run(clock, published):
    """run(at): run the task; return (kind, window, recipients) of what it published, sorted."""

    def at(time):
        clock(time)
        before = len(published(MEMBERS))
        send_reminders()
        new = published(MEMBERS)[before:]
        groups = [(event["kind"], event["window"], set(event["recipients"])) for event in new]
        return sorted(groups, key=lambda group: (*group[:2], min(group[2])))

    return at


def ids(*account_ids):
    return {str(account_id) for account_id in account_ids}


def test_a_mission_is_announced_when_it_opens_and_before_its_deadline(club, members, mission, run, published):
    everyone = ids(ADA, GRACE, HEDY)

    assert run(NOW - HOUR) == []
    assert run(NOW) == [("opened", "", everyone)]
    assert run(NOW + HOUR) == []
    create_submission(mission, club.ada, number=1)
    assert run(DUE - 25 * HOUR) == []
    assert run(DUE - 24 * HOUR) == [("due", "24h", ids(GRACE, HEDY))]
    assert run(DUE - 23 * HOUR) == []
    create_submission(mission, members[GRACE], number=2)
    assert run(DUE - 3 * HOUR) == [("due", "3h", ids(HEDY))]
    assert run(DUE - HOUR) == []
    assert run(DUE) == []

    event = published(MEMBERS)[-1]
    assert (event["mission_title"], event["due_at"]) == (mission.title, "2026-11-30T09:00:00Z")
    counts = [(event["members"], event["unsubmitted"]) for event in published(MEMBERS)]
    assert counts == [(3, 3), (3, 2), (3, 1)]


def test_a_worker_that_was_away_sends_the_nearer_reminder_alone(club, mission, run):
    run(NOW)

    assert run(DUE - 2 * HOUR) == [("due", "3h", ids(ADA))]
    assert run(DUE - HOUR) == []


def test_parts_and_extensions_have_reminders_of_their_own_deadline(club, members, mission, run, published):
    run(NOW)
    set_part_deadline(mission=mission, part_id=club.frontend.id, due_at=DUE + 24 * HOUR, by=OLGA, at=NOW)
    extension = grant_extension(
        mission=mission, membership_id=club.ada.id, hours=48, reason="시험", granted_by=OLGA, at=NOW
    )

    assert run(NOW + HOUR) == [("moved", "", ids(GRACE)), ("moved", "", ids(ADA))]
    # Chats get no numbers of a deadline that binds single members.
    assert [event["members"] for event in published(MEMBERS)] == [3, None, None]
    assert run(DUE - 2 * HOUR) == [("due", "3h", ids(HEDY))]
    assert run(DUE + 2 * HOUR) == [("due", "24h", ids(GRACE))]
    assert run(DUE + 24 * HOUR) == [("due", "24h", ids(ADA))]
    withdraw_extension(extension=extension, by=OLGA, at=DUE + 25 * HOUR)
    assert run(DUE + 46 * HOUR) == []


def test_a_granted_request_is_no_second_notification_of_the_deadline(club, members, mission, run):
    run(NOW)
    request = request_extension(mission=mission, membership=club.ada, reason="시험", asked_until=None, at=NOW)
    decide_extension_requests(
        cohort=club.cohort, request_ids=[request.id], granted=True, hours=24, by=OLGA, at=NOW + HOUR
    )

    assert run(NOW + 2 * HOUR) == []
    # Ada is reminded before the deadline that was granted, and at once of another one.
    assert run(DUE - 24 * HOUR) == [("due", "24h", ids(GRACE, HEDY))]
    assert run(DUE - HOUR) == [("due", "3h", ids(GRACE, HEDY))]
    assert run(DUE + HOUR) == [("due", "24h", ids(ADA))]
    grant_extension(
        mission=mission, membership_id=club.ada.id, hours=48, reason="시험", granted_by=OLGA, at=DUE + HOUR
    )
    assert run(DUE + 2 * HOUR) == [("moved", "", ids(ADA))]


def test_a_moved_deadline_reminds_again(club, mission, run):
    run(NOW)
    assert run(DUE - 20 * HOUR) == [("due", "24h", ids(ADA))]
    Mission.objects.filter(id=mission.id).update(due_at=DUE + 48 * HOUR)

    assert run(DUE - 19 * HOUR) == [("moved", "", ids(ADA))]
    assert run(DUE + 25 * HOUR) == [("due", "24h", ids(ADA))]
    assert run(DUE + 46 * HOUR) == [("due", "3h", ids(ADA))]


@pytest.mark.parametrize(
    ("state", "released_at", "is_reminded"),
    [
        (State.WAITING, None, False),
        (State.CHANGES_REQUESTED, None, False),
        (State.CLOSED, None, True),
        (State.REVERTED, None, True),
        (State.CLOSED, NOW, False),
    ],
)
def test_a_closed_pull_request_owes_again(club, mission, run, state, released_at, is_reminded):
    submission = create_submission(mission, club.ada, number=1)
    Submission.objects.filter(id=submission.id).update(state=state, released_at=released_at)

    assert run(DUE - 2 * HOUR) == ([("due", "3h", ids(ADA))] if is_reminded else [])
    assert submission.is_handed_in is True
    submission.refresh_from_db()
    assert submission.is_handed_in is not is_reminded


def test_who_has_not_the_mission_to_do_is_not_reminded(club, members, mission, run):
    Mission.objects.filter(id=mission.id).update(part=club.backend)
    Membership.objects.filter(id=members[HEDY].id).update(left_at=NOW)

    assert run(NOW) == [("opened", "", ids(ADA))]


def test_a_mission_for_a_team_reminds_the_team(club, members, mission, run):
    team = club.cohort.teams.create(name="물고기 팀")
    Mission.objects.filter(id=mission.id).update(team=team)
    Membership.objects.filter(id=members[GRACE].id).update(team=team)

    assert run(NOW) == [("opened", "", ids(GRACE))]


def test_a_closed_cohort_is_not_reminded(club, mission, run):
    close_cohort(cohort=club.cohort, at=NOW)

    assert run(NOW) == []
    assert not Reminder.objects.exists()


def test_a_member_who_rejoins_or_joins_late_is_not_notified_of_the_opening_again(club, members, mission, run):
    run(NOW)
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)
    for account_id in (ADA, CLARA):
        Membership.objects.create(
            cohort=club.cohort, account_id=account_id, role=Role.MEMBER, joined_at=NOW + 48 * HOUR
        )

    assert run(NOW + 48 * HOUR) == []
    assert run(DUE - 2 * HOUR) == [("due", "3h", ids(ADA, CLARA, GRACE, HEDY))]


def test_a_kill_before_the_commit_sends_nothing_and_the_next_run_all(club, mission, run, monkeypatch):
    def killed(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(actions, "publish", killed)
        with pytest.raises(SystemExit):
            run(NOW)

    assert not Reminder.objects.exists()
    assert run(NOW + HOUR) == [("opened", "", ids(ADA))]


def test_a_mission_that_fails_does_not_block_the_others(club, mission, run, monkeypatch):
    other = Mission.objects.create(
        cohort=club.cohort, week=mission.week, title="다음", opens_at=NOW, due_at=DUE, created_at=NOW,
        accepts_pull_request=False, accepts_text=True,
    )  # fmt: skip
    first = min(mission.id, other.id)
    locked = actions._locked

    def fail_first(mission_id):
        if mission_id == first:
            raise OperationalError(1205, "Lock wait timeout exceeded")
        return locked(mission_id)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "_locked", fail_first)
        assert run(NOW) == [("opened", "", ids(ADA))]
    assert run(NOW + HOUR) == [("opened", "", ids(ADA))]


def test_what_takes_long_is_continued_by_another_task(club, mission, run, monkeypatch):
    enqueued = []
    monkeypatch.setattr(tasks, "ROUND_SECONDS", -1.0)
    monkeypatch.setattr(tasks, "enqueue", lambda task, **_options: enqueued.append(task.name))

    assert run(NOW) == []
    assert enqueued == ["study.reminders.tasks.send_reminders"]


@at_once
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_once(club, members, mission, clock, published):
    def remind(n: int) -> None:
        actions.send_reminders(mission_id=mission.id, at=NOW)

    def ask(n: int) -> None:
        actions.remind_members(mission=mission, at=NOW)

    def digest(n: int) -> None:
        actions.send_review_digest(account_id=BORIS, since=NOW, at=NOW)

    submission = create_submission(mission, club.ada, number=1)
    Submission.objects.filter(id=submission.id).update(mentor_id=BORIS, waiting_since=NOW)
    assert len(run_at_once([remind, remind, ask, ask, digest, digest])) == 6

    keys = [(event["kind"], who) for event in published(MEMBERS) for who in event["recipients"]]
    assert len(keys) == len(set(keys))
    assert len(published(REVIEWERS)) == 1


def test_the_scan_asks_as_much_however_many_missions_there_are(club, members, mission, clock):
    later = DUE - 48 * HOUR

    def scan() -> None:
        actions.missions_to_remind(mission_ids=queries.open_missions(later), at=later)

    def add_rows() -> None:
        for n in range(3):
            cohort = Cohort.objects.create(title=f"{n}기", opened_at=NOW)
            week = cohort.weeks.create(number=1, starts_on=NOW.date())
            cohort.memberships.create(account_id=uuid4(), role=Role.MEMBER, joined_at=NOW)
            for past in (0, 60, 90):
                days = timedelta(days=past)
                cohort.missions.create(
                    week=week, title=f"{past}", opens_at=NOW - days, due_at=DUE - days, created_at=NOW,
                    accepts_pull_request=False, accepts_text=True,
                )  # fmt: skip
        scan()

    clock(NOW)
    send_reminders()
    assert_constant_queries(scan, add_rows)
    # Those of 60 and 90 days ago are not looked at.
    assert len(queries.open_missions(later)) == 4


def test_an_operator_reminds_those_who_owe_once_a_day(club, members, mission, clock, as_principal, published):
    create_submission(mission, members[GRACE], number=1)
    olga, url = as_principal(OLGA), f"{mission_page(mission)}remind/"
    clock(DUE + HOUR)

    assert url in olga.get(mission_page(mission)).content.decode()
    page = text_of(olga.get(url))
    assert "Ada" in page
    assert "선택한 멤버에게 알리기" in page
    both = {"account_ids": [ADA, HEDY]}
    answer = olga.post(url, both, follow=True)
    assert answer.redirect_chain[-1][0] == mission_page(mission)
    assert "2명에게 알렸어요" in text_of(answer)
    page = text_of(olga.get(url))
    assert page.count("오늘 알렸어요") == 2
    assert "선택한 멤버에게 알리기" not in page
    again = text_of(olga.post(url, both, follow=True))
    assert "알린 사람이 없어요" in again
    clock(DUE + 25 * HOUR)
    olga.post(url, both)

    first, second = published(MEMBERS)
    assert (first["kind"], first["window"], first["due_at"]) == (
        "asked",
        "2026-11-30",
        "2026-11-30T09:00:00Z",
    )
    assert {*first["recipients"]} == {*second["recipients"]} == ids(ADA, HEDY)


def test_an_operator_reminds_only_whom_they_selected(
    club, members, mission, clock, as_principal, api_as, published
):
    olga, url = as_principal(OLGA), f"{mission_page(mission)}remind/"
    clock(DUE + HOUR)

    assert olga.get(url).content.decode().count(" checked") == 3
    refused = olga.post(url)
    assert refused.status_code == 422
    assert "멤버를 한 명 이상 선택해 주세요." in text_of(refused)
    assert olga.post(url, {"account_ids": [ADA, BORIS]}).status_code == 422
    assert published(MEMBERS) == []
    # Grace has submitted since the page was opened.
    create_submission(mission, members[GRACE], number=1)
    olga.post(url, {"account_ids": [ADA, GRACE]})
    api = f"/api/v1/study/missions/{mission.id}/reminders"
    assert api_as(OLGA).post(api, {"account_ids": [str(GRACE)]}).json() == {"reminded": 0}
    assert api_as(OLGA).post(api, {"account_ids": []}).status_code == 400
    assert api_as(OLGA).post(api, {"account_ids": [False]}).status_code == 400
    assert api_as(OLGA).post(api).json() == {"reminded": 1}

    first, second = published(MEMBERS)
    assert ({*first["recipients"]}, {*second["recipients"]}) == (ids(ADA), ids(HEDY))


def test_what_is_copied_for_a_chat_has_numbers_and_no_names(club, members, mission, clock, as_principal):
    create_submission(mission, members[GRACE], number=1)
    url = mission_page(mission)
    clock(NOW + HOUR)

    page = as_principal(OLGA).get(f"{url}remind/").content.decode()

    text = html.unescape(page.partition("readonly>")[2].partition("</textarea>")[0])
    head, count, due, _empty, link = text.splitlines()
    assert head == f"[{club.cohort.title}] {mission.title}"
    assert count == "3명 중 2명이 아직 제출하지 않았어요."
    assert due == "마감: 11.30(월) 18:00"
    assert link == f"http://testserver{url}"


def test_a_mission_that_is_not_open_reminds_nobody(club, mission, clock, as_principal, api_as, published):
    clock(NOW - HOUR)

    selected = {"account_ids": [ADA]}
    assert as_principal(OLGA).post(f"{mission_page(mission)}remind/", selected).status_code == 409
    answer = api_as(OLGA).post(f"/api/v1/study/missions/{mission.id}/reminders")
    assert (answer.status_code, answer.json()["code"]) == (409, "mission_not_open")
    assert "아직 공개되지 않은 미션" in text_of(as_principal(OLGA).get(f"{mission_page(mission)}remind/"))
    assert published(MEMBERS) == []


def test_only_operators_remind(club, mission, clock, as_principal, api_as):
    for account_id in (ADA, BORIS, CLARA):
        assert as_principal(account_id).post(f"{mission_page(mission)}remind/").status_code == 404
        assert api_as(account_id).post(f"/api/v1/study/missions/{mission.id}/reminders").status_code == 404
    assert api_as(OLGA).post(f"/api/v1/study/missions/{mission.id}/reminders").json() == {"reminded": 1}


def test_reminders_are_exported_and_erased(club, mission, run):
    run(NOW)
    ReviewDigest.objects.create(account_id=ADA, day=NOW.date(), created_at=NOW)

    [reminder] = export_personal_data(ADA)["reminders"]
    assert (reminder["kind"], reminder["mission_title"]) == ("opened", mission.title)
    delete_personal_data(account_id=ADA, at=NOW)
    assert not Reminder.objects.filter(account_id=ADA).exists()
    assert not ReviewDigest.objects.exists()


def test_mysql_finds_open_missions_by_index(club, mission, clock) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("MySQL explains it otherwise")
    plan = Mission.objects.filter(cohort__closed_at=None, due_at__gt=NOW).explain()
    assert "missions_due" in plan or "missions_by_deadline" in plan
