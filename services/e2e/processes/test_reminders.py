"""A mission that opens is announced to its members by the processes alone: schedule, event, inbox."""

from __future__ import annotations

from pathlib import Path

from service_processes import Redis, services, supervised

# Stores a cohort with two members and a mission that has just opened, for which one has submitted a text.
PREPARE = """
import json
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from study.cohorts.models import Cohort, Membership, Role, Week
from study.missions.models import Mission
from study.submissions.actions.works import submit_work
now = timezone.now()
cohort = Cohort.objects.create(title="16기", opened_at=now - timedelta(days=30))
week = Week.objects.create(cohort=cohort, number=1, starts_on=now.date())
mission = Mission.objects.create(
    cohort=cohort, week=week, title="1주차", opens_at=now - timedelta(minutes=1),
    due_at=now + timedelta(days=6), created_at=now, accepts_pull_request=False, accepts_text=True,
)
owing, done = (
    Membership.objects.create(cohort=cohort, account_id=uuid4(), role=Role.MEMBER, joined_at=now)
    for _member in range(2)
)
submit_work(mission=mission, membership=done, text="다 했어요", at=now)
print(json.dumps(owing.account_id.hex))
"""
NOTIFIED = "SELECT account_id FROM inbox_notification WHERE kind = 'mission_opened'"


def test_who_has_not_submitted_is_notified_once_of_a_mission_that_opened(
    tmp_path: Path, redis: Redis
) -> None:
    # Five minutes are five seconds.
    found = services(tmp_path, redis.url, names=("study", "notification"), SCHEDULE_SCALE="2880")
    study, notification = found["study"], found["notification"]
    owing = study.ask(PREPARE)
    relay = study.role("relay", "--with-beat")
    with supervised(study.role("worker"), relay, notification.role("worker")) as running:
        running.wait_for("the member is notified", lambda: notification.rows(NOTIFIED))

        def runs() -> int:
            return relay.log_text().count("Sending due task send_reminders")

        before = runs()
        running.wait_for("the job runs again", lambda: runs() >= before + 3)
        assert notification.rows(NOTIFIED) == [(owing,)]
        assert running.restarts == {}
