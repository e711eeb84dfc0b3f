"""A submission that the release before writes during an upgrade gets its cohort, which lists need."""

from __future__ import annotations

from pathlib import Path

from service_processes import Redis, services, supervised

# Stores a submission as the release before does.
PREPARE = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from study.cohorts.models import Cohort, Membership, Role, Week
from study.missions.models import Mission
from study.submissions.models import Submission
now = timezone.now()
cohort = Cohort.objects.create(title="16기", opened_at=now)
week = Week.objects.create(cohort=cohort, number=1, starts_on=now.date())
mission = Mission.objects.create(
    cohort=cohort, week=week, title="1주차", accepts_pull_request=False, accepts_text=True,
    opens_at=now, due_at=now + timedelta(weeks=1), created_at=now,
)
member = Membership.objects.create(cohort=cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=now)
Submission.objects.create(
    mission=mission, membership=member, account_id=member.account_id, waiting_since=now, created_at=now
)
"""


def test_a_worker_gives_it_that_of_its_mission(tmp_path: Path, redis: Redis) -> None:
    # A minute is a second.
    study = services(tmp_path, redis.url, names=("study",), SCHEDULE_SCALE="60")["study"]
    study.django(program=PREPARE)
    assert study.rows("SELECT cohort_id FROM submissions_submission") == [(None,)]

    with supervised(study.role("worker"), study.role("relay", "--with-beat")) as running:
        running.wait_for(
            "it has its cohort",
            lambda: study.rows("SELECT cohort_id FROM submissions_submission WHERE cohort_id IS NOT NULL"),
        )

    assert study.rows("SELECT cohort_id FROM submissions_submission") == study.rows(
        "SELECT id FROM cohorts_cohort"
    )
