"""The records of periodic jobs as figures on /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from chassis.jobs.records import job_statuses


class _Jobs(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        close_old_connections()
        try:
            statuses = job_statuses(at=timezone.now())
        except DatabaseError:  # the other figures are wanted then
            return
        for field, text in (
            ("started", "When the job last started"),
            ("ended", "When a run of the job last ended"),
            ("succeeded", "When a run of the job last ended well"),
        ):
            times = GaugeMetricFamily(
                f"seodang_job_{field}_timestamp_seconds", f"{text}, in Unix time.", labels=["name"]
            )
            for status in statuses:
                if recorded_at := getattr(status.record, f"{field}_at"):
                    times.add_metric([status.record.name], recorded_at.timestamp())
            yield times
        overdue = GaugeMetricFamily(
            "seodang_job_overdue", "1 if the job has not run for three of its intervals.", labels=["name"]
        )
        failed = GaugeMetricFamily(
            "seodang_job_failed", "1 if the last run of the job failed.", labels=["name"]
        )
        for status in statuses:
            overdue.add_metric([status.record.name], float(status.is_overdue))
            failed.add_metric([status.record.name], float(bool(status.record.error)))
        yield overdue
        yield failed


def expose() -> None:
    """Put the figures of every job of the schedule on /metrics."""
    REGISTRY.register(_Jobs())
