"""A cohort begun from a former one is whole or not there, also if the process that creates it is killed."""

from __future__ import annotations

from pathlib import Path

from service_processes import PYTHON, Process, Redis, Service, services, supervised, wait_for

PEOPLE, WEEKS = 60, 12
# Stores a cohort with a mission a week, and an order to begin another one from it that invites everyone.
PREPARE = """
import sys
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from chassis.account_mirror.models import AccountMirror
from study.announcements.models import Announcement
from study.cohorts.models import Cohort, Membership, Role, Week
from study.copies.actions import start_copy
from study.github.models import Repository
from study.missions.models import Criterion, Level, Mission
weeks, people = map(int, sys.argv[1:])
now = timezone.now()
cohort = Cohort.objects.create(title="16기", opened_at=now)
repository = Repository.objects.create(cohort=cohort, name="club/term-16")
for number in range(1, weeks + 1):
    week = Week.objects.create(
        cohort=cohort, number=number, starts_on=now.date() + timedelta(weeks=number - 1)
    )
    mission = Mission.objects.create(
        cohort=cohort, week=week, title=f"{number}주차", github_repository=repository, marker=f"week{number}",
        opens_at=now, due_at=now + timedelta(weeks=number), created_at=now,
    )
    criterion = Criterion.objects.create(mission=mission, title="동작", position=1)
    Level.objects.create(criterion=criterion, points=5, label="잘 됨")
operator, *others = [
    Membership.objects.create(cohort=cohort, account_id=uuid4(), role=role, joined_at=now)
    for role in [Role.OPERATOR] + [Role.MEMBER] * (people - 1)
]
AccountMirror.objects.bulk_create(
    AccountMirror(account_id=one.account_id, name="멤버", version=1) for one in [operator, *others]
)
Announcement.objects.create(
    cohort=cohort, title="OT", body="OT", author_id=operator.account_id, published_at=now
)
start_copy(
    source=cohort, account_id=operator.account_id, allowed=True, title="17기",
    first_day=now.date() + timedelta(weeks=20), people=[one.id for one in others], repositories={}, at=now,
)
"""
# Runs the task, and waits to be killed before the statement that invites the last one.
HANG = """
import sys, time
import django
django.setup()
from django.db import connection
from study.copies.tasks import create_copied_cohorts
invited = 0
def hang(execute, sql, params, many, context):
    global invited
    if sql.startswith("INSERT") and "memberships_invitation" in sql:
        invited += 1
        if invited == int(sys.argv[1]):
            print("hangs", flush=True)
            time.sleep(3600)
    return execute(sql, params, many, context)
with connection.execute_wrapper(hang):
    create_copied_cohorts()
"""
TABLES = (
    *("cohorts_cohort", "cohorts_week", "missions_mission", "missions_level", "github_repository"),
    *("announcements_announcementdraft", "cohorts_membership", "memberships_invitation"),
    *("cohorts_auditentry", "events_outboxevent"),
)


def counts(study: Service) -> dict[str, int]:
    return {table: study.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES}


def test_a_kill_leaves_no_part_of_a_cohort_and_a_worker_creates_it_whole(
    tmp_path: Path, redis: Redis
) -> None:
    # A minute is a second.
    study = services(tmp_path, redis.url, names=("study",), SCHEDULE_SCALE="60")["study"]
    study.django(str(WEEKS), str(PEOPLE), program=PREPARE)
    before = counts(study)

    command = [PYTHON, "-c", HANG, str(PEOPLE - 1)]
    process = Process("hangs", command, study.environment, tmp_path / "hangs.log")
    process.start()
    wait_for("it is about to invite the last one", lambda: "hangs" in process.log_text())
    process.kill()

    assert counts(study) == before
    # The lease of the process that was killed passes.
    assert study.rows("SELECT attempts FROM copies_cohortcopy") == [(1,)]
    study.rows("UPDATE copies_cohortcopy SET next_attempt_at = '2026-01-01 00:00:00'")
    with supervised(study.role("worker"), study.role("relay", "--with-beat")) as running:
        running.wait_for(
            "the cohort is there",
            lambda: study.rows("SELECT 1 FROM copies_cohortcopy WHERE cohort_id IS NOT NULL"),
        )
    after = {table: number - before[table] for table, number in counts(study).items()}
    assert after.pop("events_outboxevent") >= PEOPLE - 1
    assert after == {
        "cohorts_cohort": 1,
        "cohorts_week": WEEKS,
        "missions_mission": WEEKS,
        "missions_level": WEEKS,
        "github_repository": 1,
        "announcements_announcementdraft": 1,
        "cohorts_membership": 1,
        "memberships_invitation": PEOPLE - 1,
        "cohorts_auditentry": 1 + WEEKS + PEOPLE - 1,
    }
