"""Periodic jobs, events and settings of the service."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.conftest import sign_in
from users.accounts.models import Account
from users.celery import app
from users.subscriptions import SUBSCRIPTIONS


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_health_endpoints_answer(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.django_db
def test_behind_https_the_token_is_one_that_no_other_host_can_plant(ada: Account, settings: Any) -> None:
    settings.SECURE, settings.TOKEN_COOKIE = True, "__Host-seodang"

    cookie = sign_in(Client()).cookies["__Host-seodang"]

    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_every_periodic_job_is_a_task_that_the_worker_knows() -> None:
    app.loader.import_default_modules()

    for job in app.conf.beat_schedule.values():
        assert job["task"] in app.tasks


def test_every_periodic_job_runs(db: None) -> None:
    app.loader.import_default_modules()

    for job in app.conf.beat_schedule.values():
        app.tasks[job["task"]](from_a_later_release=True)


def test_it_subscribes_to_no_event() -> None:
    assert SUBSCRIPTIONS == {}


@pytest.mark.django_db
def test_only_notification_receives_addresses(ada: Account) -> None:
    from chassis.events.models import OutboxEvent

    carrying = [row for row in OutboxEvent.objects.all() if "ada@club.example" in json.dumps(row.payload)]

    assert {(row.name, row.consumer) for row in carrying} == {("users.contact_changed.v1", "notification")}


def test_no_backend_of_djangos_own_signs_anyone_in() -> None:
    assert settings.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
