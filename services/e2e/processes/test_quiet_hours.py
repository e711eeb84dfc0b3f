"""Mail waits for the end of the quiet hours, and is sent then by the processes alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from faults.smtp import MailServer
from service_processes import Redis, services, supervised

ZONE = ZoneInfo("Asia/Seoul")
READER = "00000000-0000-4000-8000-00000000ada0"
ADDRESS = "ada@example.org"
# Stores the reader and her address.
CONTACT = """
from chassis.account_mirror.models import AccountMirror
from notification.mirrors.models import ContactMirror
AccountMirror.objects.create(account_id="{reader}", name="Ada", version=1)
ContactMirror.objects.create(account_id="{reader}", email="{address}", version=1)
print("null")
"""
# Publishes an announcement to her.
ANNOUNCE = """
from uuid import uuid4
from django.utils import timezone
from study.announcements.actions import publish_announcement
from study.cohorts.models import Cohort, Membership, Role
now = timezone.now()
cohort = Cohort.objects.create(title="16기", opened_at=now)
Membership.objects.create(cohort=cohort, account_id="{reader}", role=Role.MEMBER, joined_at=now)
publish_announcement(cohort=cohort, part_id=None, author_id=uuid4(), title="1", body="…", at=now)
print("null")
"""


def test_mail_is_sent_when_the_quiet_hours_end(tmp_path: Path, redis: Redis) -> None:
    mail = MailServer()
    names, server = ("study", "notification"), f"smtp://127.0.0.1:{mail.port}"
    found = services(tmp_path, redis.url, names=names, SMTP_URL=server)
    study, notification = found["study"], found["notification"]
    notification.ask(CONTACT.format(reader=READER, address=ADDRESS))
    study.ask(ANNOUNCE.format(reader=READER))
    # Late enough for a busy machine to start everything before.
    end = (datetime.now(ZONE) + timedelta(minutes=3)).replace(second=0, microsecond=0)
    quiet = {"QUIET_HOURS": f"{end - timedelta(hours=3):%H:%M}-{end:%H:%M}"}

    mail.start()
    try:
        worker, beat = (notification.role(*role, **quiet) for role in (("worker",), ("relay", "--with-beat")))
        with supervised(study.role("relay"), worker, beat) as running:
            running.wait_for(
                "the inbox has it", lambda: notification.rows("SELECT 1 FROM inbox_notification")
            )
            assert datetime.now(ZONE) < end, "the processes took too long to start"
            running.wait_for("the mail is sent", lambda: mail.to(ADDRESS))
            assert datetime.now(ZONE) >= end
            assert mail.to(ADDRESS) == 1
    finally:
        mail.stop()
