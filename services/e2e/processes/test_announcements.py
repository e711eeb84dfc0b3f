"""An announcement is published at its time by the processes alone: schedule, event, inbox."""

from __future__ import annotations

from pathlib import Path

from service_processes import Redis, services, supervised

# Stores a draft for a member that is to be published in twenty seconds, and one without a time.
PREPARE = """
import json
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from study.announcements.actions import create_draft
from study.cohorts.models import Cohort, Membership, Role
now, operator = timezone.now(), uuid4()
cohort = Cohort.objects.create(title="16기", opened_at=now)
for account_id, role in ((operator, Role.OPERATOR), (uuid4(), Role.MEMBER)):
    Membership.objects.create(cohort=cohort, account_id=account_id, role=role, joined_at=now)
for title, publish_at in (("timed", now + timedelta(seconds=20)), ("kept", None)):
    create_draft(cohort=cohort, title=title, body="…", publish_at=publish_at, by=operator, at=now)
print(json.dumps(f"{now + timedelta(seconds=20):%Y-%m-%d %H:%M:%S}"))
"""


def test_a_draft_is_published_once_at_its_time(tmp_path: Path, redis: Redis) -> None:
    # A minute is five seconds.
    found = services(tmp_path, redis.url, names=("study", "notification"), SCHEDULE_SCALE="12")
    study, notification = found["study"], found["notification"]
    publish_at = study.ask(PREPARE)
    relay = study.role("relay", "--with-beat")
    with supervised(study.role("worker"), relay, notification.role("worker")) as running:
        inbox = "SELECT kind FROM inbox_notification"
        running.wait_for("the member is notified", lambda: notification.rows(inbox))

        def runs() -> int:
            return relay.log_text().count("Sending due task publish_due_drafts")

        before = runs()
        running.wait_for("the job runs again", lambda: runs() >= before + 2)
        assert notification.rows(inbox) == [("announcement",)]
        assert study.rows("SELECT title FROM announcements_announcement") == [("timed",)]
        assert study.rows("SELECT published_at FROM announcements_announcement") >= [(publish_at,)]
        assert study.rows("SELECT title FROM announcements_announcementdraft") == [("kept",)]
        assert running.restarts == {}
