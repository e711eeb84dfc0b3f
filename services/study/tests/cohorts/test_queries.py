from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from chassis.testing import NOW, assert_constant_queries
from study.cohorts import queries, rules
from study.cohorts.models import Cohort, Membership, Role, Week
from tests.conftest import ADA, CLARA, OLGA


def add_cohorts(number: int) -> None:
    for n in range(number):
        cohort = Cohort.objects.create(title=f"{n}기", opened_at=NOW)
        Membership.objects.create(
            cohort=cohort, account_id=OLGA, role=Role.MENTOR, joined_at=NOW + timedelta(days=n)
        )


def test_my_cohorts_cost_the_same_whatever_their_number(club):
    assert_constant_queries(lambda: queries.my_cohorts(OLGA), lambda: add_cohorts(4))

    page = queries.my_cohorts(OLGA)

    assert [row.cohort.title for row in page.rows] == ["3기", "2기", "1기", "0기", "16기"]
    last = page.rows[-1]
    assert (last.people, last.weeks, last.first_day) == (3, 8, date(2026, 11, 9))
    assert (page.rows[0].people, page.rows[0].weeks, page.rows[0].first_day) == (1, 0, None)


def test_my_running_cohorts_come_before_closed_ones_across_pages(club):
    add_cohorts(4)
    Cohort.objects.filter(title__in=["3기", "16기"]).update(closed_at=NOW)

    first = queries.my_cohorts(OLGA, size=2)
    second = queries.my_cohorts(OLGA, size=2, cursor=first.next)
    third = queries.my_cohorts(OLGA, size=2, cursor=second.next)

    titles = [[row.cohort.title for row in page.rows] for page in (first, second, third)]
    assert titles == [["2기", "1기"], ["0기", "3기"], ["16기"]]
    assert third.next is None


def test_who_has_left_neither_counts_nor_sees_it_listed(club):
    Membership.objects.filter(account_id=ADA).update(left_at=NOW)

    assert not queries.my_cohorts(ADA).rows
    assert queries.my_cohort(club.cohort.id, account_id=OLGA).people == 2


def test_parts_and_teams_have_their_number_of_people(club):
    Membership.objects.create(
        cohort=club.cohort, account_id=CLARA, role=Role.MEMBER, part=club.frontend, joined_at=NOW, left_at=NOW
    )

    parts, teams = queries.parts_of(club.cohort), queries.teams_of(club.cohort)

    assert [(part.name, part.people) for part in parts] == [("백엔드", 2), ("프론트엔드", 0)]
    assert [(team.name, team.people) for team in teams] == [("1조", 1)]


def test_weeks_are_in_order_and_the_next_follows_the_last(club):
    weeks = queries.weeks_of(club.cohort)

    assert [week.number for week in weeks] == list(range(1, 9))
    assert rules.next_week_on(weeks) == date(2027, 1, 4)
    assert rules.next_week_on([]) is None


def test_days_are_decided_in_the_cohorts_zone():
    evening = NOW.replace(hour=15)

    assert rules.day_in("Asia/Seoul", evening) == date(2026, 11, 25)
    assert rules.day_in("America/New_York", evening) == date(2026, 11, 24)


def test_the_week_on_a_day_is_none_between_weeks():
    weeks = [
        Week(id=uuid4(), number=1, starts_on=date(2026, 11, 2)),
        Week(id=uuid4(), number=2, starts_on=date(2026, 11, 16)),
    ]

    assert rules.week_on(weeks, date(2026, 11, 1)) is None
    assert rules.week_on(weeks, date(2026, 11, 8)) is weeks[0]
    assert rules.week_on(weeks, date(2026, 11, 9)) is None
    assert rules.week_on(weeks, date(2026, 11, 16)) is weeks[1]
