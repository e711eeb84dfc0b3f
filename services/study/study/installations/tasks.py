"""Periodic tasks of the GitHub App. The rows are the queue: an aborted run loses nothing."""

from __future__ import annotations

from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from chassis.enqueue import enqueue
from chassis.web.client import ServiceError
from study.github.actions.polling import respect_rate_limits
from study.github.client import GitHubNotFound, GitHubRateLimited, GitHubUnauthorized, GitHubUnavailable
from study.github.tasks import run_github_requests
from study.installations import queries
from study.installations.actions import app as actions
from study.installations.actions import check_runs, installations
from study.installations.client import AppClient, app_client, check_run_client, put_oauth_client

log = structlog.get_logger()
# Installations whose repositories one run fetches.
BATCH_SIZE = 5
CHECK_RUNS_BATCH_SIZE = 20


@shared_task(ignore_result=True)
def sync_installations(**_future: object) -> None:
    """Every five minutes: fetch the App's installations, and the repositories of those that are due."""
    app, now = queries.get_app(), timezone.now()
    github = app_client()
    if app is None or github is None:
        return
    try:
        with respect_rate_limits(background=True, at=now):
            installations.sync_installations(github=github, at=now)
            actions.record_acceptance(private_key=app.private_key)
            _sync_repositories(github)
    except GitHubUnauthorized:
        actions.record_rejection(private_key=app.private_key, at=now)
    except (GitHubNotFound, GitHubRateLimited, GitHubUnavailable) as refused:
        log.info("github_stopped", reason=f"{type(refused).__name__}: {refused}")


@shared_task(ignore_result=True)
def send_oauth_client(**_future: object) -> None:
    """Every minute: send the App's OAuth client to users, until it has the newest."""
    app = queries.get_app()
    if app is None or app.client_sent_at is not None:
        return
    try:
        put_oauth_client(app)
    except (ServiceError, ValueError) as error:
        # ValueError: FIELD_KEY cannot decrypt it.
        log.warning("oauth_client_not_sent", reason=type(error).__name__)
        return
    actions.record_client_sent(changed_at=app.client_changed_at, at=timezone.now())


@shared_task(ignore_result=True)
def send_check_runs(**_future: object) -> None:
    """Every minute: send the check runs that are due to GitHub; enqueue a task for the rest."""
    app = queries.get_app()
    if app is None or app.refused_at is not None:
        return
    ids = queries.check_runs_due(timezone.now(), limit=CHECK_RUNS_BATCH_SIZE)
    is_answered = run_github_requests(
        (partial(check_runs.send_check_run, check_run_id=id_) for id_ in ids), github=check_run_client()
    )
    # An attempt postpones its row, so this ends.
    if ids and is_answered and queries.check_runs_due(timezone.now(), limit=1):
        enqueue(send_check_runs)


@shared_task(ignore_result=True)
def process_check_run_requests(**_future: object) -> None:
    """Every minute: make check runs due after what many of them show has changed, then send them."""
    ids = queries.check_run_requests(limit=BATCH_SIZE)
    for id_ in ids:
        check_runs.process_request(request_id=id_, at=timezone.now())
    if ids:
        enqueue(send_check_runs)


@shared_task(ignore_result=True)
def request_all_check_runs(**_future: object) -> None:
    """Every day: look at all check runs again, for what no change has requested."""
    check_runs.request_all_check_runs()


def _sync_repositories(github: AppClient) -> None:
    for installation_id in queries.installations_to_poll(timezone.now(), limit=BATCH_SIZE):
        try:
            installations.sync_repositories(installation_id=installation_id, github=github, at=timezone.now())
        except GitHubNotFound as error:
            log.info("installation_gone", installation=installation_id, reason=str(error))
        except GitHubUnauthorized as error:
            # It accepts the private key: this is about one token.
            log.warning("installation_token_refused", installation=installation_id, reason=str(error))
