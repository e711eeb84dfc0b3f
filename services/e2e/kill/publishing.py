"""Publish announcements with study's action: `python -m kill.publishing COUNT SECONDS`."""

from __future__ import annotations

import sys
import time
from uuid import uuid4

import django

from kill import READER


def main(count: int, seconds: float) -> None:
    """Publish `count` announcements over a period. All are committed when this returns."""
    from django.utils import timezone

    from study.announcements.actions import publish_announcement
    from study.cohorts.models import Cohort, Membership, Role

    now = timezone.now()
    cohort = Cohort.objects.create(title="16기", opened_at=now)
    author = uuid4()
    for account_id, role in [(author, Role.OPERATOR), (READER, Role.MEMBER)]:
        Membership.objects.create(cohort=cohort, account_id=account_id, role=role, joined_at=now)
    started = time.monotonic()
    for n in range(count):
        publish_announcement(
            cohort=cohort, part_id=None, author_id=author, title=f"{n}", body="…", at=timezone.now()
        )
        time.sleep(max(0.0, started + seconds * (n + 1) / count - time.monotonic()))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), float(sys.argv[2]))
