"""Celery app of the study service, with the interval (seconds) of its periodic tasks."""

from __future__ import annotations

from chassis.celery_app import create_app

app = create_app(
    {
        "study.submissions.tasks.match_waiting_pull_requests": 60.0,
        "study.submissions.tasks.retry_links": 60.0,
        "study.submissions.tasks.set_cohorts": 60.0,
        "study.github.tasks.detect_force_pushes": 60.0,
        "study.github.tasks.poll_pull_requests": 60.0,
        "study.submissions.tasks.discover_new_pull_requests": 60.0,
        "study.repositories.tasks.discover_new_repositories": 60.0,
        "study.repositories.tasks.create_repositories": 60.0,
        "study.copies.tasks.create_copied_cohorts": 60.0,
        "study.github.tasks.ingest_early_checks": 60.0,
        "study.installations.tasks.sync_installations": 300.0,
        "study.installations.tasks.send_oauth_client": 60.0,
        "study.installations.tasks.process_check_run_requests": 60.0,
        "study.installations.tasks.send_check_runs": 60.0,
        "study.installations.tasks.request_all_check_runs": 86400.0,
        "study.github.tasks.delete_old_deliveries": 3600.0,
        "study.announcements.tasks.publish_due_drafts": 60.0,
        "study.reminders.tasks.send_reminders": 300.0,
        "study.reminders.tasks.send_review_digests": 300.0,
        "study.audit.tasks.delete_old_entries": 3600.0,
        "study.discussions.tasks.fetch_requested_diffs": 60.0,
        "study.discussions.tasks.delete_old_diffs": 3600.0,
        "study.roster.tasks.invite_people": 60.0,
        "study.roster.tasks.delete_old_people": 3600.0,
        "chassis.personal_data.tasks.enqueue_due_exports": 60.0,
    }
)
