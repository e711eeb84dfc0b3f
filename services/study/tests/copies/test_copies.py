"""A cohort begun from a former one: equal but for dates, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from django.utils import timezone

from chassis.events.models import OutboxEvent
from chassis.testing import assert_constant_queries
from study.cohorts.models import AuditEntry, Cohort, Membership, Role
from study.copies.models import CohortCopy
from study.copies.tasks import create_copied_cohorts
from study.github.models import Repository
from study.memberships.models import Invitation
from study.missions.models import Mission
from tests.conftest import ADA, CLARA, OLGA
from tests.copies.conftest import API, FIRST_DAY, start

pytestmark = pytest.mark.django_db
WEEKS_LATER = 16
# What differs, or names another row.
OTHER = {"id", "cohort_id", "week_id", "part_id", "team_id", "opens_at", "due_at", "due", "created_at"}
# What follows from dates.
OTHER |= {"starts_on", "is_open", "state"}
BERLIN = ZoneInfo("Europe/Berlin")


def rows(api: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = api.get(f"{API}{path}", {"cursor": cursor} if cursor else {}).json()
        found += page["results"]
        cursor = page.get("next") or ""
        if not cursor:
            return found


def without_dates(value: Any) -> Any:
    """Return it without what differs between two cohorts by design."""
    if isinstance(value, dict):
        return {key: without_dates(entry) for key, entry in value.items() if key not in OTHER}
    return [without_dates(entry) for entry in value] if isinstance(value, list) else value


def local_times(missions: list[dict[str, Any]], *, later: timedelta) -> list[tuple[datetime, ...]]:
    """Return opening and deadline on Berlin's clocks, that much later."""

    def local(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(BERLIN).replace(tzinfo=None) + later

    return [(local(mission["opens_at"]), local(mission["due_at"])) for mission in missions]


def test_what_can_be_compared_is_equal_but_for_dates(former: SimpleNamespace, olga: Any) -> None:
    chosen = Membership.objects.filter(cohort=former.cohort).exclude(account_id=OLGA)

    order = start(olga, former.cohort, people=[str(person.id) for person in chosen])
    assert (order["state"], order["cohort_id"]) == ("waiting", None)
    create_copied_cohorts()

    done = olga.get(f"{API}cohorts/{former.cohort.id}/copies/{order['id']}").json()
    assert done["state"] == "done"
    new = done["cohort_id"]
    later = timedelta(weeks=WEEKS_LATER)
    for path in ("parts", "weeks", "missions"):
        old_rows, new_rows = (rows(olga, f"cohorts/{id_}/{path}") for id_ in (former.cohort.id, new))
        assert without_dates(new_rows) == without_dates(old_rows)
        assert not {row["id"] for row in old_rows} & {row["id"] for row in new_rows}
    assert local_times(new_rows, later=timedelta()) == local_times(old_rows, later=later)
    assert [date.fromisoformat(week["starts_on"]) for week in rows(olga, f"cohorts/{new}/weeks")] == [
        week.starts_on + later for week in former.weeks
    ]
    details = [
        [olga.get(f"{API}missions/{row['id']}").json() for row in found] for found in (old_rows, new_rows)
    ]
    assert without_dates(details[1]) == without_dates(details[0])
    assert any(mission["rubric"] for mission in details[1])
    assert Invitation.objects.filter(cohort=new).count() == 59
    invited = Invitation.objects.filter(cohort=new).values_list("for_account_id", "role", "part__name")
    assert set(invited) == set(chosen.values_list("account_id", "role", "part__name"))
    assert (
        OutboxEvent.objects.filter(name="study.member_invited.v1").values("event_id").distinct().count() == 59
    )
    assert list(Membership.objects.filter(cohort=new).values_list("account_id", "role")) == [
        (OLGA, Role.OPERATOR)
    ]


def test_every_column_is_taken_over_or_named_here(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort)
    create_copied_cohorts()
    new = CohortCopy.objects.get().cohort
    assert new is not None

    def values(cohort: Cohort) -> dict[str, Any]:
        own = {"id", "title", "version", "opened_at", "closed_at", "checklist_hidden_at"}
        return {f.name: getattr(cohort, f.name) for f in Cohort._meta.concrete_fields if f.name not in own}

    assert values(new) == values(Cohort.objects.get(id=former.cohort.id))

    own = {"id", "cohort", "part", "team", "week", "github_repository", "opens_at", "due_at", "created_at"}
    columns = [f.name for f in Mission._meta.concrete_fields if f.name not in own]
    for old_mission, mission in zip(
        former.cohort.missions.order_by("week__number"), new.missions.order_by("week__number"), strict=True
    ):
        assert [getattr(mission, name) for name in columns] == [
            getattr(old_mission, name) for name in columns
        ]
        assert str(mission.part) == str(old_mission.part)
        assert str(mission.team) == str(old_mission.team)
        assert mission.repository == old_mission.repository
        assert mission.other_repositories == old_mission.other_repositories
        assert [
            (row.part.name, row.due_at.astimezone(BERLIN).replace(tzinfo=None))
            for row in mission.part_deadlines.all()
        ] == [
            (
                row.part.name,
                row.due_at.astimezone(BERLIN).replace(tzinfo=None) + timedelta(weeks=WEEKS_LATER),
            )
            for row in old_mission.part_deadlines.all()
        ]
    assert {row.cohort_id for row in Repository.objects.filter(missions__cohort=new)} == {new.id}


def test_teams_of_missions_are_there_without_people(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort, people=[str(former.ada.id), str(former.boris.id)])
    create_copied_cohorts()

    new = CohortCopy.objects.get().cohort
    assert new is not None
    assert set(new.teams.values_list("name", "kind", "mentor_id")) == {
        ("알고리즘", "study", None),
        ("1조", "project", None),
    }
    assert set(new.missions.exclude(team=None).values_list("team__cohort", flat=True)) == {new.id}
    assert not Membership.objects.filter(Q(team__cohort=new) | Q(study_team__cohort=new)).exists()


def test_announcements_are_drafts_that_operators_publish(
    former: SimpleNamespace, olga: Any, published: Callable[..., Any]
) -> None:
    start(olga, former.cohort)
    create_copied_cohorts()

    new = CohortCopy.objects.get().cohort
    assert new is not None
    drafts = olga.get(f"{API}cohorts/{new.id}/announcement-drafts").json()["results"]
    assert [(row["title"], row["body"]) for row in drafts] == [
        (title, f"**{title}**") for title in ("OT 안내", "백엔드 모임", "1조 회의")
    ]
    part, team = new.parts.get(name="백엔드"), new.teams.get(name="1조")
    assert [(row["part_id"], row["team_id"]) for row in drafts] == [
        (None, None),
        (str(part.id), None),
        (None, str(team.id)),
    ]
    # At 10:00 UTC it was noon in Berlin, where it is winter then.
    planned_for = datetime.fromisoformat(drafts[0]["planned_for"])
    assert planned_for == datetime(2027, 2, 2, 12, tzinfo=BERLIN)
    assert olga.get(f"{API}cohorts/{new.id}/announcements").json()["results"] == []
    assert not [
        event for event in published("study.announcement_published.v1") if event["cohort_id"] == str(new.id)
    ]


def test_other_services_know_its_parts(
    former: SimpleNamespace, olga: Any, published: Callable[..., Any]
) -> None:
    start(olga, former.cohort)
    create_copied_cohorts()

    new = CohortCopy.objects.get().cohort
    assert new is not None
    event = published("study.cohort_changed.v1")[-1]
    assert event["cohort_id"] == str(new.id)
    assert [(part["part_id"], part["name"]) for part in event["parts"]] == [
        (str(part.id), part.name) for part in new.parts.order_by("position")
    ]
    assert len(event["parts"]) == former.cohort.parts.count() > 0


def test_the_audit_log_says_who_began_it(former: SimpleNamespace, olga: Any) -> None:
    start(olga, former.cohort, people=[str(former.ada.id)])
    AuditEntry.objects.all().delete()
    create_copied_cohorts()

    entries = AuditEntry.objects.values_list("kind", "actor_id", "subject_id", "after")
    assert set(entries) == {
        ("role", OLGA, OLGA, "operator"),
        ("invitation", OLGA, ADA, "member"),
        *(("mission", OLGA, None, f"미션 {number}") for number in range(1, 13)),
    }
    assert {entry.cohort_id for entry in AuditEntry.objects.all()} == {CohortCopy.objects.get().cohort_id}


def test_repositories_get_other_names(former: SimpleNamespace, olga: Any) -> None:
    renamed = [{"name": "https://github.com/Club/Term-16", "new_name": "club/term-17"}]

    start(olga, former.cohort, repositories=renamed)
    create_copied_cohorts()

    new = CohortCopy.objects.get().cohort
    assert new is not None
    assert set(new.repositories.values_list("name", flat=True)) == {"club/term-17", "club/shared"}
    assert set(former.cohort.repositories.values_list("name", flat=True)) == {"club/term-16", "club/shared"}


def test_a_closed_cohort_is_a_former_one_too(former: SimpleNamespace, olga: Any) -> None:
    Cohort.objects.filter(id=former.cohort.id).update(closed_at=timezone.now())

    start(olga, former.cohort)
    create_copied_cohorts()

    new = CohortCopy.objects.get().cohort
    assert new is not None
    assert new.closed_at is None


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"first_day": "2027-02-02"}, "first_day", "other_weekday"),
        ({"people": ["{clara}"]}, "people", "person_not_in_cohort"),
        ({"people": ["{olga}"]}, "people", "person_not_in_cohort"),
        (
            {"repositories": [{"name": "club/none", "new_name": "club/x"}]},
            "repositories",
            "repository_not_in_cohort",
        ),
        (
            {"repositories": [{"name": "club/term-16", "new_name": "club/shared"}]},
            "repositories",
            "repository_twice",
        ),
    ],
)
def test_what_is_wrong_is_named(
    changes: dict[str, Any], field: str, code: str, former: SimpleNamespace, olga: Any
) -> None:
    people = {"{clara}": str(former.clara.id), "{olga}": str(former.olga.id)}
    if "people" in changes:
        changes = {"people": [people[name] for name in changes["people"]]}
    body = {"title": "17기", "first_day": str(FIRST_DAY), **changes}

    for path in ("copies", "copies/preview"):
        answer = olga.post(f"{API}cohorts/{former.cohort.id}/{path}", body)

        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert list(answer.json()["errors"]) == [field]
    assert not CohortCopy.objects.exists()


def test_another_weekday_names_the_nearest_days(former: SimpleNamespace, olga: Any) -> None:
    answer = olga.post(
        f"{API}cohorts/{former.cohort.id}/copies", {"title": "17기", "first_day": "2027-02-03"}
    )

    assert "2027-02-01" in answer.json()["title"]
    assert "2027-02-08" in answer.json()["title"]


def test_a_preview_writes_nothing(former: SimpleNamespace, olga: Any) -> None:
    body = {"title": "17기", "first_day": str(FIRST_DAY), "people": [str(former.ada.id)]}

    plan = olga.post(f"{API}cohorts/{former.cohort.id}/copies/preview", body).json()

    assert [week["starts_on"] for week in plan["weeks"]][:2] == ["2027-02-01", "2027-02-08"]
    assert len(plan["missions"]) == 12
    assert [row["title"] for row in plan["announcements"]] == ["OT 안내", "백엔드 모임", "1조 회의"]
    assert {mission["team"] for mission in plan["missions"]} == {None, "알고리즘", "1조"}
    assert plan["people"] == [str(former.ada.id)]
    assert not CohortCopy.objects.exists()


def test_without_weeks_there_is_nothing_to_begin_from(
    club: SimpleNamespace, api_as: Callable[..., Any]
) -> None:
    clara = api_as(CLARA, roles=["cohort_creator"])

    answer = clara.post(
        f"{API}cohorts/{club.other.id}/copies", {"title": "17기", "first_day": str(FIRST_DAY)}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "no_weeks")


def test_only_who_may_create_cohorts(former: SimpleNamespace, api_as: Callable[..., Any]) -> None:
    body = {"title": "17기", "first_day": str(FIRST_DAY)}

    answer = api_as(OLGA).post(f"{API}cohorts/{former.cohort.id}/copies", body)

    assert (answer.status_code, answer.json()["code"]) == (403, "may_not_open_cohorts")
    assert (
        api_as(ADA, roles=["cohort_creator"])
        .post(f"{API}cohorts/{former.cohort.id}/copies", body)
        .status_code
        == 404
    )


def test_the_plan_costs_the_same_for_more_missions(former: SimpleNamespace, olga: Any) -> None:
    def preview() -> None:
        olga.post(
            f"{API}cohorts/{former.cohort.id}/copies/preview",
            {"title": "17기", "first_day": str(FIRST_DAY)},
        )

    def more() -> None:
        Mission.objects.create(
            cohort=former.cohort,
            week=former.weeks[0],
            title="하나 더",
            github_repository=former.cohort.repositories.first(),
            opens_at=timezone.now(),
            due_at=timezone.now() + timedelta(days=1),
            created_at=timezone.now(),
        )

    assert_constant_queries(preview, more)
