"""Add a large cohort to the running demo: crowd.py --members 200 --missions 16 [--long].

The demo's operator, mentor and member are in it; everybody else exists in study alone and cannot sign in. The
same actions as for the sample cohort create it. With --long, names and titles are as long as they may be, in
Korean and Latin characters without spaces. Prints the cohort's id.
"""

# ruff: noqa: PLC0415 - Django's models can be imported only after setup

from __future__ import annotations

import argparse
import os
import sys
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import django
from demo.folders import Folders
from demo.foreground import find_processes
from demo.service import settings
from seed_data import DATA, PEOPLE, Person

if TYPE_CHECKING:
    from study.cohorts.models import Cohort, Membership
    from study.missions.models import Mission

MENTORS = 5
# A semester, and how many of its weeks are over.
WEEKS, PAST_WEEKS = 16, 10
OPERATOR = PEOPLE["operator"].account_id
# What became of submissions, as in seed.toml; and how many are written in one transaction, so that the demo's
# own processes do not wait long for the database.
OUTCOMES, AT_ONCE = "ssw.cS", 25
# As the models limit them: of a person, a mission, a cohort, a part or a team.
NAME, MISSION, COHORT, PART = 100, 120, 80, 40
HANGUL = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호"
LATIN = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafewaren"


def long_name(number: int, length: int) -> str:
    """Return a name of so many characters without spaces: Korean of even numbers, Latin of odd ones."""
    characters = LATIN if number % 2 else HANGUL
    return f"{number}{characters * (length // len(characters) + 1)}"[:length]


def people(count: int, *, is_long: bool) -> list[Person]:
    """Return the people of the cohort without its operator: mentors first, then so many members."""
    family = "김이박최정강조윤장임"
    given = ["가온", "나래", "다온", "라온", "마루", "미르", "바다", "보람", "새봄", "서연"]
    roles = ["mentor"] * MENTORS + ["member"] * count
    found = []
    for n, role in enumerate(roles):
        known = PEOPLE["mentor"] if n == 0 else PEOPLE["member"] if n == MENTORS else None
        name = family[n % 10] + given[n // 10 % 10]
        found.append(
            known
            or Person(
                key=f"crowd-{n}",
                name=long_name(n, NAME) if is_long else name,
                role=role,
                login=f"crowd-{n}{'-codes' * 5 if is_long else ''}",
                github_id=93_000_000 + n,
            )
        )
    return found


def fill(members: int, missions: int, *, is_long: bool) -> uuid.UUID:
    """Create the cohort with past times, and what its members submitted. Return its id."""
    from django.db import transaction
    from django.utils import timezone
    from seed_study import NOTIFY_WINDOW, SYNC_EVENTS, Simulation, store_changed_files

    from chassis.account_mirror import actions as mirrors
    from chassis.events.models import OutboxEvent
    from study.reviews.actions import assign_evenly

    now = timezone.now()
    # Nobody is notified of what happened long ago.
    old = OutboxEvent.objects.exclude(name__in=SYNC_EVENTS).filter(occurred_at__lt=now - NOTIFY_WINDOW)
    everybody = people(members, is_long=is_long)
    with transaction.atomic():
        for person in everybody:
            if person.key in PEOPLE:
                continue
            mirrors.upsert_account(
                account_id=person.account_id,
                name=person.name,
                github_id=person.github_id,
                github_login=person.login,
                version=1,
            )
        cohort, memberships = _join(everybody, now, is_long=is_long)
        created = [_mission(cohort, n, missions, now, is_long=is_long) for n in range(missions)]
        old.delete()
    simulation = Simulation(cohort, memberships, now)
    simulation.count = 100_000
    mentors, members_only = everybody[:MENTORS], everybody[MENTORS:]
    past = [mission for mission in created if mission.due_at < now]
    for number, mission in enumerate(past):
        for start in range(0, len(members_only), AT_ONCE):
            with transaction.atomic():
                for n, person in enumerate(members_only[start : start + AT_ONCE], start):
                    outcome = OUTCOMES[(n * 7 + number * 3 + n // 6) % len(OUTCOMES)]
                    if outcome != ".":
                        simulation.submit(mission, person, mentors[n % MENTORS], n % 20, outcome)
                old.delete()
    with transaction.atomic():
        assign_evenly(cohort_id=cohort.id)
        store_changed_files(cohort, now)
        old.delete()
    return cohort.id


def _join(everybody: list[Person], now: datetime, *, is_long: bool) -> tuple[Cohort, dict[str, Membership]]:
    """Create a cohort of as many weeks as a semester has, and let everybody join it."""
    from functools import partial
    from zoneinfo import ZoneInfo

    from study.cohorts import actions as cohorts
    from study.cohorts.models import Role
    from study.memberships.actions.invitations import create_invitation
    from study.memberships.actions.joining import join
    from study.memberships.actions.memberships import update_membership
    from study.memberships.rules import CONSENT_VERSION

    today = now.astimezone(ZoneInfo("Asia/Seoul")).date()
    begun = now - timedelta(weeks=PAST_WEEKS + 1)
    cohort = cohorts.create_cohort(
        account_id=OPERATOR,
        allowed=True,
        title=long_name(2, COHORT) if is_long else "느티나무 200",
        time_zone="Asia/Seoul",
        parts=[long_name(n, PART) for n in (1, 2)] if is_long else ["백엔드", "프론트엔드"],
        weeks=WEEKS,
        first_day=today - timedelta(days=today.weekday(), weeks=PAST_WEEKS),
        at=begun,
    )
    parts = list(cohort.parts.order_by("position"))
    names = [long_name(n, PART) if is_long else f"{n}조" for n in range(1, 9)]
    teams = [cohorts.create_team(cohort=cohort, name=name) for name in names]
    invite = partial(create_invitation, cohort=cohort, by=OPERATOR, at=begun)
    links = {
        (role, part.id): invite(
            role=role, part_id=part.id, expires_at=begun + timedelta(days=7), max_uses=len(everybody)
        )
        for role in (Role.MENTOR, Role.MEMBER)
        for part in parts
    }
    memberships = {}
    for n, person in enumerate(everybody):
        part, role = parts[n % 2], Role(person.role)
        membership = join(
            invitation=links[role, part.id],
            account_id=person.account_id,
            consent_version=CONSENT_VERSION,
            at=begun + timedelta(hours=1),
        )
        memberships[person.key] = update_membership(
            membership=membership,
            role=role,
            part_id=part.id,
            team_id=teams[n % 8].id if person.role == "member" else None,
            by=OPERATOR,
            at=begun + timedelta(hours=2),
        )
    return cohort, memberships


def _mission(cohort: Cohort, number: int, missions: int, now: datetime, *, is_long: bool) -> Mission:
    """Create a mission for everybody; they are spread over the weeks."""
    from study.missions.actions.missions import create_mission

    title = long_name(number, MISSION) if is_long else f"{number + 1}번째 미션"
    return create_mission(
        cohort=cohort,
        week_id=cohort.weeks.get(number=1 + number * WEEKS // missions).id,
        part_id=None,
        title=title,
        body=DATA["body"].format(title=title),
        repository=f"neuti-demo/crowd-{number}{'-long' * 8 if is_long else ''}",
        opens_at=None,
        due_at=None,
        rubric=[
            {
                "title": name,
                "levels": [
                    {"points": points, "label": label} for points, label in enumerate(DATA["levels"], start=1)
                ],
            }
            for name in DATA["criteria"]
        ],
        by=OPERATOR,
        at=now - timedelta(weeks=PAST_WEEKS + 1),
    )


def main() -> int:
    """Fill the demo of DEMO_FOLDER. Return 1 if none runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--missions", type=int, default=16)
    parser.add_argument("--long", action="store_true")
    given = parser.parse_args()
    folders = Folders.from_environment()
    environments = [process.environ() for process in find_processes(folders)]
    study = [found for found in environments if found.get("SUPERVISOR_PROCESS_NAME") == "study-web"]
    if not study:
        print("No demo is running here. Start one in another terminal: make demo", file=sys.stderr)
        return 1
    os.environ |= study[0]
    os.environ |= settings("study", folders)
    django.setup()
    print(fill(given.members, given.missions, is_long=given.long))
    return 0


if __name__ == "__main__":
    sys.exit(main())
