"""Fill the database of the study service with cohorts, by bulk inserts; print what to request as JSON.

Started by `endpoints.py` with the service's settings in the environment. Each member has a submission for
each mission, all of them pull requests. The same arguments create the same rows, except for their ids.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid4

import django
from django.db import connection, transaction
from django.db.models import Model

django.setup()

from chassis.account_mirror.models import AccountMirror  # noqa: E402
from study.cohorts.models import Cohort, Membership, Part, Role, Week  # noqa: E402
from study.github.models import EventKind, PullRequest, Repository, Source, TimelineEvent  # noqa: E402
from study.missions.models import Extension, Mission, PartDeadline  # noqa: E402
from study.missions.rules.assignment import AssignmentRule  # noqa: E402
from study.submissions.models import Attempt, Clock, MissionDecision, State, Submission  # noqa: E402

FIRST_DAY = datetime(2026, 3, 2, 0, 0, 0, 123456, UTC)
WEEK = timedelta(days=7)
MENTORS = 10
# A submission's repository, pull request, number and so on come from this; a run repeats another's.
random = Random(14)  # noqa: S311 - no secret
event_ids = count(1)


class Rows:
    """New rows by model, inserted in the order in which the models were first added."""

    def __init__(self) -> None:
        self.by_model: dict[type[Model], list[Any]] = defaultdict(list)

    def add(self, row: Any) -> Any:
        """Add a row, and return it."""
        self.by_model[type(row)].append(row)
        return row

    def insert(self) -> None:
        """Insert all rows in one transaction."""
        with transaction.atomic():
            for model, rows in self.by_model.items():
                model._default_manager.bulk_create(rows, batch_size=1000)  # noqa: SLF001


def add_person(rows: Rows, cohort: Cohort, name: str, role: Role, part: Part | None = None) -> Membership:
    """Add an account, known from the users service, and its membership."""
    account_id = uuid4()
    login = f"{name}-{account_id.hex[:8]}".lower().replace(" ", "-")
    github_id = account_id.int % 10**12
    rows.add(AccountMirror(account_id=account_id, name=name, github_id=github_id, github_login=login))
    membership = Membership(
        cohort=cohort, account_id=account_id, role=role, part=part, joined_at=FIRST_DAY, github_id=github_id
    )
    rows.add(membership)
    return membership


def add_missions(rows: Rows, cohort: Cohort, parts: list[Part], missions: int) -> list[Mission]:
    """Add one mission a week; each fourth has another deadline for the first part."""
    repository = rows.add(Repository(cohort=cohort, name=f"club/missions-{cohort.id.hex[:8]}"))
    weeks = [
        Week(cohort=cohort, number=number + 1, starts_on=(FIRST_DAY + number * WEEK).date())
        for number in range(missions)
    ]
    found = [
        Mission(
            cohort=cohort,
            week=rows.add(week),
            title=f"Mission {week.number}: a small web service",
            body="Write it, test it, and open a pull request.\n\n" * 20,
            github_repository=repository,
            opens_at=FIRST_DAY + (week.number - 1) * WEEK,
            due_at=FIRST_DAY + week.number * WEEK,
            created_at=FIRST_DAY,
        )
        for week in weeks
    ]
    for mission in found:
        rows.add(mission)
    for mission in found[3::4]:
        rows.add(PartDeadline(mission=mission, part=parts[0], due_at=mission.due_at + timedelta(days=1)))
    return found


def add_extensions(rows: Rows, mission: Mission, member: Membership) -> None:
    """Give a fifth of the members more time; some twice, the second time withdrawn."""
    if random.random() > 0.2:
        return
    granted_at = mission.opens_at + timedelta(days=2)
    extension = {"mission": mission, "membership": member, "reason": "Ill", "granted_by": member.account_id}
    rows.add(Extension(**extension, hours=24, granted_at=granted_at))
    if random.random() > 0.5:
        rows.add(Extension(**extension, hours=48, granted_at=granted_at + timedelta(hours=1)))
    if random.random() > 0.5:
        withdrawn = {"granted_at": granted_at + timedelta(hours=2), "withdrawn_at": mission.due_at}
        rows.add(Extension(**extension, hours=72, **withdrawn))


def add_submission(
    rows: Rows, mission: Mission, member: Membership, mentor: UUID | None, number: int
) -> None:
    """Add a pull request that is a submission, with one to three attempts; some are late, some completed."""
    # In the last days before the deadline and the day after it.
    seconds = random.randrange(-60 * 3600, 24 * 3600)
    created_at = mission.due_at + timedelta(seconds=seconds, microseconds=number)
    heads = [f"{random.getrandbits(160):040x}" for _ in range(random.choice([1, 1, 2, 3]))]
    times = [created_at + place * timedelta(hours=7) for place in range(len(heads))]
    pull_request = add_pull_request(rows, mission, member, number=number, at=created_at, sha=heads[-1])
    state = random.choice([State.WAITING, State.RESUBMITTED, State.CHANGES_REQUESTED, State.COMPLETED])
    completing_event = None
    for place, (at, sha) in enumerate(zip(times, heads, strict=True)):
        kind = EventKind.COMMITS_PUSHED if place else EventKind.OPENED
        add_event(rows, pull_request, kind, at=at, sha=sha)
    if state == State.COMPLETED:
        at = created_at + WEEK
        completing_event = add_event(rows, pull_request, EventKind.APPROVED, at=at, sha=heads[-1])
    is_reviewed = state == State.CHANGES_REQUESTED or random.random() < 0.3
    submission = Submission(
        mission=mission,
        cohort=mission.cohort,
        membership=member,
        pull_request=pull_request,
        account_id=member.account_id,
        mentor_id=mentor,
        state=state,
        awaits_review=state in {State.WAITING, State.RESUBMITTED},
        waiting_since=created_at,
        points=random.randrange(60, 101) if is_reviewed else None,
        max_points=100 if is_reviewed else None,
        released_at=created_at + timedelta(days=2) if is_reviewed else None,
        completed_at=completing_event.at if completing_event else None,
        completing_event=completing_event,
        attempts_count=len(heads),
        was_late=created_at > mission.due_at,
        created_at=created_at,
    )
    rows.add(submission)
    for place, (at, sha) in enumerate(zip(times, heads, strict=True)):
        rows.add(
            Attempt(
                submission=submission,
                number=place + 1,
                head_sha=sha,
                source=Source.WEBHOOK,
                received_at=at,
                clock=Clock.PUSHED if place else Clock.OPENED,
                recorded_at=at,
                due_at=mission.due_at,
                late_seconds=max(0, int((at - mission.due_at).total_seconds())),
            )
        )


def add_pull_request(
    rows: Rows, mission: Mission, member: Membership, *, number: int, at: datetime, sha: str
) -> PullRequest:
    """Add a pull request that was decided to be for the mission."""
    repository = mission.github_repository
    assert repository
    pull_request = PullRequest(
        repository=repository,
        cohort=mission.cohort,
        number=number,
        github_id=number,
        title=f"{mission.title}, number {number}",
        url=f"https://github.example/{repository.name}/pull/{number}",
        author_id=member.github_id or 0,
        author_login=f"member-{number}",
        head_sha=sha,
        head_ref="main",
        state="open",
        opened_at=at,
        github_updated_at=at,
        member=member,
    )
    rows.add(pull_request)
    rule = AssignmentRule.TIME
    rows.add(MissionDecision(pull_request=pull_request, mission=mission, rule=rule, decided_at=at))
    return pull_request


def add_event(
    rows: Rows, pull_request: PullRequest, kind: EventKind, *, at: datetime, sha: str
) -> TimelineEvent:
    """Add an event. It has its id already, since MySQL does not return those of a bulk insert."""
    event = TimelineEvent(
        id=next(event_ids),
        pull_request=pull_request,
        kind=kind,
        at=at,
        actor="a-mentor" if kind == EventKind.APPROVED else pull_request.author_login,
        sha=sha,
        key=f"{kind} {sha} {at.timestamp()}",
    )
    rows.add(event)
    return event


def add_cohort(members: int, missions: int) -> dict[str, Any]:
    """Insert a cohort. Return its id, the account of a mentor, and submissions."""
    rows = Rows()
    cohort = rows.add(Cohort(title="Spring 2026", opened_at=FIRST_DAY))
    parts = [
        rows.add(Part(cohort=cohort, name=name, position=place)) for place, name in enumerate(("A", "B"))
    ]
    mentors = [add_person(rows, cohort, f"Mentor {number}", Role.MENTOR) for number in range(MENTORS)]
    # Reviewed here once: a submission that was given to her has no mentor now.
    left = add_person(rows, cohort, "Mentor who left", Role.MENTOR)
    left.left_at = FIRST_DAY + WEEK
    people = [
        add_person(rows, cohort, f"Member {number:04}", Role.MEMBER, parts[number % 2])
        for number in range(members)
    ]
    found = add_missions(rows, cohort, parts, missions)
    reviewers = [*(mentor.account_id for mentor in mentors), left.account_id, None]
    numbers = count(1)
    for mission in found:
        for member in people:
            add_extensions(rows, mission, member)
            add_submission(rows, mission, member, random.choice(reviewers), next(numbers))
    rows.insert()
    newest = sorted(rows.by_model[Submission], key=lambda submission: submission.created_at, reverse=True)
    return {
        "cohort": str(cohort.id),
        "mentor": str(mentors[0].account_id),
        "submissions": [str(submission.id) for submission in newest[:10]],
    }


def main() -> None:
    """Fill the database, and print the first cohort."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--missions", type=int, default=16)
    parser.add_argument("--cohorts", type=int, default=1)
    given = parser.parse_args()
    cohorts = [add_cohort(given.members, given.missions) for _ in range(given.cohorts)]
    if connection.vendor == "mysql":
        # Else the statistics are those of an empty table until MySQL counts again by itself.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE TABLE {', '.join(connection.introspection.table_names(cursor))}")
    print(json.dumps(cohorts[0]))


if __name__ == "__main__":
    main()
