"""Write job records and compute the status of periodic jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app

from chassis.jobs.models import JobRecord
from chassis.scheduler import interval_of

# A job that has not run for so many of its intervals is overdue.
MAX_INTERVALS = 3
MAX_ERROR = 1000


@dataclass(frozen=True)
class JobStatus:
    """A job of the schedule and its record. `interval` is the time between two starts."""

    record: JobRecord
    interval: timedelta
    is_overdue: bool


def register(names: Iterable[str], *, at: datetime) -> None:
    """Make the records that are missing: from now on these jobs are due."""
    JobRecord.objects.bulk_create(
        [JobRecord(name=name, registered_at=at, error="") for name in names], ignore_conflicts=True
    )


def record_start(name: str, *, at: datetime) -> None:
    """Record that a run of the job started."""
    register([name], at=at)
    JobRecord.objects.filter(name=name).update(started_at=at)


def record_end(name: str, *, at: datetime, error: str = "") -> None:
    """Record that a run of the job ended: well, or with this error."""
    succeeded = {} if error else {"succeeded_at": at}
    JobRecord.objects.filter(name=name).update(ended_at=at, error=error[:MAX_ERROR], **succeeded)


def last_starts() -> dict[str, datetime]:
    """Return when each job last started, for those that did."""
    rows = JobRecord.objects.values_list("name", "started_at")
    return {name: started_at for name, started_at in rows if started_at}


def job_statuses(*, at: datetime) -> list[JobStatus]:
    """Return every job of the schedule by name. One that no scheduler has registered is overdue."""
    records = JobRecord.objects.in_bulk()
    schedule = current_app.conf.beat_schedule
    return [
        _status(name, interval_of(entry["schedule"]), records.get(name), at=at)
        for name, entry in sorted(schedule.items())
    ]


def _status(name: str, interval: timedelta, record: JobRecord | None, *, at: datetime) -> JobStatus:
    if record is None:
        return JobStatus(JobRecord(name=name), interval, is_overdue=True)
    last = record.ended_at or record.registered_at
    return JobStatus(record, interval, is_overdue=at - last > interval * MAX_INTERVALS)
