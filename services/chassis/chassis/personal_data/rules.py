"""How often and how long a section of an export is sent to the users service again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from chassis.retry import backoff

# Longer than a task may run, which is 30 s.
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 60
# 15 s, 30 s, 1 min … at most an hour: more than two days in all.
export_backoff = partial(backoff, first=timedelta(seconds=15), longest=timedelta(hours=1))


class ExportNotAccepted(Exception):
    """The users service could not be reached, or did not store the section: it must be sent again."""
