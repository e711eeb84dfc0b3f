from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Part, Role, Week
from study.missions.actions.deadlines import (
    MissionOfOnePart,
    NoSuchMember,
    PartDeadlineNotLater,
    ReasonMissing,
    clear_part_deadline,
    grant_extension,
    set_part_deadline,
    withdraw_extension,
)
from study.missions.actions.importing import import_missions, preview_import
from study.missions.actions.missions import (
    AlreadySubmitted,
    AmbiguousMission,
    DeadlineBeforeOpening,
    MissionInUse,
    NoSuchPart,
    NoSuchWeek,
    create_mission,
    delete_mission,
    update_mission,
)
from study.missions.actions.rubrics import BadRubric, RubricInUse, set_rubric
from study.missions.models import Criterion, Extension, Mission, PartDeadline
from study.missions.queries.deadlines import deadline_of
from study.missions.rules.plan import SheetRow
from study.reviews.models import Review
from tests.conftest import OLGA
from tests.missions.conftest import RUBRIC, criterion


def test_a_mission_opens_with_its_week_and_is_due_on_the_last_evening(club, vote):
    # The third week is 23 to 29 November, in Seoul.
    assert vote.opens_at == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert vote.due_at == datetime(2026, 11, 29, 14, 59, tzinfo=UTC)
    assert [criterion.title for criterion in vote.criteria.order_by("position")] == ["요구사항", "테스트"]
    assert [level.points for level in Criterion.objects.get(title="요구사항").levels.order_by("points")] == [
        0,
        4,
    ]


def test_given_times_are_kept(club, mission_fields):
    mission_fields |= {"opens_at": NOW, "due_at": NOW + timedelta(hours=1)}

    mission = create_mission(cohort=club.cohort, at=NOW, **mission_fields, by=OLGA)

    assert (mission.opens_at, mission.due_at) == (NOW, NOW + timedelta(hours=1))


def test_missions_share_a_repository_if_an_opening_or_a_marker_distinguishes_them(club, vote, mission_fields):
    with pytest.raises(AmbiguousMission, match="투표 API 만들기") as refused:
        create_mission(cohort=club.cohort, at=NOW, **mission_fields, by=OLGA)
    assert refused.value.field == "marker"
    assert Mission.objects.count() == 1

    week = timedelta(days=7)
    later = mission_fields | {"opens_at": vote.opens_at + week, "due_at": vote.due_at + week}
    create_mission(cohort=club.cohort, at=NOW, **later | {"marker": "week 2"}, by=OLGA)
    create_mission(cohort=club.cohort, at=NOW, **later | {"marker": "Week 03"}, by=OLGA)
    with pytest.raises(AmbiguousMission):
        create_mission(cohort=club.cohort, at=NOW, **later | {"marker": "WEEK-3"}, by=OLGA)

    assert {mission.github_repository_id for mission in Mission.objects.all()} == {vote.github_repository_id}


@pytest.mark.parametrize(
    ("changed_fields", "error"),
    [
        ({"week_id": uuid4()}, NoSuchWeek),
        ({"part_id": uuid4()}, NoSuchPart),
        ({"opens_at": NOW, "due_at": NOW}, DeadlineBeforeOpening),
        ({"rubric": [criterion("a", {1: "x"})]}, BadRubric),
        (
            {
                "rubric": [
                    {"title": "a", "levels": [{"points": 1, "label": "x"}, {"points": 1, "label": "y"}]}
                ]
            },
            BadRubric,
        ),
        ({"rubric": [RUBRIC[0]] * 21}, BadRubric),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(club, mission_fields, changed_fields, error):
    with pytest.raises(error):
        create_mission(cohort=club.cohort, at=NOW, **mission_fields | changed_fields, by=OLGA)

    assert not Mission.objects.exists()


def test_a_week_or_part_of_another_cohort_is_none_of_ours(club, mission_fields):
    theirs = Part.objects.create(cohort=club.other, name="백엔드", position=1)

    with pytest.raises(NoSuchPart):
        create_mission(cohort=club.cohort, at=NOW, **mission_fields | {"part_id": theirs.id}, by=OLGA)


def test_before_anything_came_in_everything_may_change(club, vote, mission_fields):
    changed = {"part_id": None, "repository": "club/other", "title": "새 제목", "rubric": RUBRIC[:1]}

    mission = update_mission(mission=vote, at=NOW, **mission_fields | changed, by=OLGA)

    assert (mission.part, mission.repository, mission.title) == (None, "club/other", "새 제목")
    assert mission.criteria.count() == 1


def test_under_a_pull_request_the_part_stays(vote, mission_fields, handed_in):
    handed_in()

    with pytest.raises(AlreadySubmitted):
        update_mission(mission=vote, at=NOW, **mission_fields | {"part_id": None}, by=OLGA)

    assert (
        update_mission(mission=vote, at=NOW, **mission_fields | {"title": "새 제목"}, by=OLGA).title
        == "새 제목"
    )


def test_a_mission_moves_to_a_repository_of_another_one_and_leaves_a_shared_one(
    vote, everyones, mission_fields
):
    mission_fields |= {"opens_at": everyones.opens_at + timedelta(hours=1), "due_at": everyones.due_at}
    moved = update_mission(mission=vote, at=NOW, **mission_fields | {"repository": "club/everyone"}, by=OLGA)
    assert moved.github_repository_id == everyones.github_repository_id

    back = update_mission(mission=moved, at=NOW, **mission_fields | {"repository": "club/third"}, by=OLGA)
    everyones.refresh_from_db()
    assert (back.repository, everyones.repository) == ("club/third", "club/everyone")


def test_a_mission_that_becomes_one_parts_loses_the_parts_own_deadlines(club, everyones, mission_fields):
    later = everyones.due_at + timedelta(days=1)
    set_part_deadline(mission=everyones, part_id=club.backend.id, due_at=later, by=OLGA, at=NOW)

    update_mission(mission=everyones, at=NOW, **mission_fields | {"repository": "club/everyone"}, by=OLGA)

    assert not PartDeadline.objects.exists()


def test_a_mission_is_deleted_with_its_rubric(vote):
    delete_mission(mission=vote, by=OLGA, at=NOW)

    assert not Mission.objects.exists()
    assert not Criterion.objects.exists()


def test_a_mission_with_a_pull_request_is_not_deleted(vote, handed_in):
    handed_in()

    with pytest.raises(MissionInUse):
        delete_mission(mission=vote, by=OLGA, at=NOW)


def test_a_rubric_is_replaced_until_a_review_exists(vote, handed_in):
    submission = handed_in()
    set_rubric(cohort=vote.cohort, missions=[vote.id], rubric=RUBRIC[1:], by=OLGA, at=NOW)
    assert [criterion.title for criterion in vote.criteria.all()] == ["테스트"]
    attempt = submission.attempts.get()
    Review.objects.create(
        submission=submission, attempt=attempt, mentor_id=OLGA, version=1, created_at=NOW, saved_at=NOW
    )

    with pytest.raises(RubricInUse):
        set_rubric(cohort=vote.cohort, missions=[vote.id], rubric=RUBRIC, by=OLGA, at=NOW)

    assert [criterion.title for criterion in vote.criteria.all()] == ["테스트"]


def test_a_part_gets_more_time_and_gives_it_back(club, everyones):
    later = everyones.due_at + timedelta(days=2)

    set_part_deadline(
        mission=everyones, part_id=club.backend.id, due_at=later - timedelta(days=1), by=OLGA, at=NOW
    )
    set_part_deadline(mission=everyones, part_id=club.backend.id, due_at=later, by=OLGA, at=NOW)
    assert deadline_of(everyones, club.ada).at == later

    clear_part_deadline(mission=everyones, part_id=club.backend.id, by=OLGA, at=NOW)
    assert deadline_of(everyones, club.ada).at == everyones.due_at


def test_a_parts_own_deadline_is_later_and_for_missions_of_everyone(club, vote, everyones):
    with pytest.raises(PartDeadlineNotLater):
        set_part_deadline(
            mission=everyones, part_id=club.backend.id, due_at=everyones.due_at, by=OLGA, at=NOW
        )
    with pytest.raises(MissionOfOnePart):
        set_part_deadline(mission=vote, part_id=club.backend.id, due_at=NOW, by=OLGA, at=NOW)
    with pytest.raises(NoSuchPart):
        set_part_deadline(
            mission=everyones, part_id=uuid4(), due_at=everyones.due_at + timedelta(1), by=OLGA, at=NOW
        )


def grant(mission, membership, hours=24, reason="병원 진료"):
    return grant_extension(
        mission=mission, membership_id=membership.id, hours=hours, reason=reason, granted_by=OLGA, at=NOW
    )


def test_an_extension_binds_one_member_with_its_reason(club, vote):
    grant(vote, club.ada)

    deadline = deadline_of(vote, club.ada)
    assert deadline.at == vote.due_at + timedelta(hours=24)
    assert deadline.steps[-1].reason == "병원 진료"
    assert deadline_of(vote, club.boris).at == vote.due_at


def test_a_new_extension_takes_the_place_of_the_old(club, vote):
    first = grant(vote, club.ada, hours=24)
    second = grant(vote, club.ada, hours=3)
    assert deadline_of(vote, club.ada).at == vote.due_at + timedelta(hours=3)

    withdraw_extension(extension=second, at=NOW, by=OLGA)
    withdraw_extension(extension=second, at=NOW + timedelta(hours=1), by=OLGA)

    assert deadline_of(vote, club.ada).at == vote.due_at
    assert [row.withdrawn_at for row in Extension.objects.order_by("hours")] == [NOW, NOW]
    first.refresh_from_db()
    assert first.withdrawn_at == NOW


def test_an_extension_needs_a_reason_and_a_member_who_has_the_mission(club, vote):
    with pytest.raises(ReasonMissing):
        grant(vote, club.ada, reason="  ")
    for membership in (club.boris, club.olga, club.clara):
        with pytest.raises(NoSuchMember):
            grant(vote, membership)
    club.ada.part = club.frontend
    club.ada.save(update_fields=["part"])
    with pytest.raises(NoSuchMember):
        grant(vote, club.ada)

    assert not Extension.objects.exists()


ROWS = [
    SheetRow(2, "백엔드", 1, "투표", "club/vote"),
    SheetRow(3, "디자인", 2, "시안", "club/draft"),
    SheetRow(4, "", 8, "발표", "club/show"),
]


def import_rows(cohort, rows=ROWS, *, first_week=1, parts=None):
    return import_missions(
        cohort=cohort, rows=rows, first_week=first_week, parts=parts or {}, at=NOW, by=OLGA
    )


def test_an_import_makes_missions_and_the_parts_and_weeks_that_they_need(club):
    plan = import_rows(club.cohort, first_week=2)

    found = {mission.title: mission for mission in Mission.objects.select_related("part", "week")}
    assert {
        (mission.title, mission.part and mission.part.name, mission.week.number) for mission in found.values()
    } == {
        ("투표", "백엔드", 2),
        ("시안", "디자인", 3),
        ("발표", None, 9),
    }
    assert plan.unknown_parts == ["디자인"]
    assert Week.objects.get(cohort=club.cohort, number=9).starts_on == club.weeks[7].starts_on + timedelta(7)
    assert found["투표"].due_at == datetime(2026, 11, 22, 14, 59, tzinfo=UTC)


def test_importing_twice_is_the_same_as_importing_once(club):
    import_rows(club.cohort)

    again = import_rows(club.cohort, first_week=5)

    assert [mission.exists for mission in again.missions] == [True, True, True]
    assert Mission.objects.count() == 3
    assert Part.objects.filter(name="디자인").count() == 1
    assert Week.objects.filter(cohort=club.cohort).count() == 8


def test_a_name_in_the_sheet_may_mean_a_part_of_another_name(club):
    import_rows(club.cohort, parts={"디자인": club.frontend.id})

    assert Mission.objects.get(title="시안").part == club.frontend
    assert not Part.objects.filter(name="디자인").exists()


def test_an_import_that_cannot_be_writes_nothing_at_all(club):
    with pytest.raises(NoSuchWeek):
        import_rows(club.cohort, first_week=9)
    with pytest.raises(NoSuchPart):
        import_rows(club.cohort, parts={"디자인": uuid4()})

    assert not Mission.objects.exists()
    assert Part.objects.filter(cohort=club.cohort).count() == 2


def test_an_import_of_another_cohorts_repository_is_no_repetition(club, vote):
    Week.objects.create(cohort=club.other, number=1, starts_on=club.weeks[0].starts_on)

    import_rows(club.other, [SheetRow(2, "", 1, "투표", vote.repository)])

    assert Mission.objects.filter(github_repository__name=vote.repository).count() == 2
    assert club.clara.role == Role.OPERATOR


def test_looking_at_an_import_writes_nothing(club):
    plan = preview_import(cohort=club.cohort, rows=ROWS, first_week=2, parts={})

    assert plan.unknown_parts == ["디자인"]
    assert list(plan.new_weeks) == [9]
    assert not Mission.objects.exists()
    assert Week.objects.filter(cohort=club.cohort).count() == 8
