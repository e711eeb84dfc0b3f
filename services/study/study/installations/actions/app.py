"""Create the GitHub App, and replace its credentials."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import decrypt, encrypt
from chassis.errors import DomainError, NotFound
from study.github.actions.polling import respect_rate_limits
from study.github.actions.webhooks import OLD_SECRET_LIFETIME
from study.github.client import GitHubNotFound, GitHubRateLimited, GitHubUnavailable
from study.installations.client import AppClient
from study.installations.models import CheckRun, GitHubApp, Installation
from study.installations.rules.payloads import Conversion

log = structlog.get_logger()


class AppExists(DomainError):
    code = "app_exists"
    title = _("GitHub is connected already.")


class NoWebhook(DomainError):
    code = "no_webhook"
    title = _("The App has no webhook, and so no secret of one.")


class SecretNotChanged(DomainError):
    code = "secret_not_changed"
    title = _("GitHub did not take the new secret, so that the one before stays. Try again in a minute.")
    status = 503


def create_app(*, conversion: Conversion, by: UUID, at: datetime) -> GitHubApp:
    """Store the App that GitHub created. Raises AppExists; one that GitHub refuses is replaced."""
    try:
        with transaction.atomic():
            return _create_app(conversion, by, at)
    except IntegrityError:
        raise AppExists from None


def _create_app(conversion: Conversion, by: UUID, at: datetime) -> GitHubApp:
    app = GitHubApp.objects.select_for_update().filter(id=GitHubApp.ONLY).first()
    if app and app.refused_at is None:
        raise AppExists
    if app:
        app.delete()
        Installation.objects.filter(deleted_at=None).update(deleted_at=at)
        # An App can only update its own.
        CheckRun.objects.exclude(github_id=None).update(github_id=None, sent=None)
    return GitHubApp.objects.create(
        app_id=conversion.id,
        name=conversion.name,
        html_url=conversion.html_url,
        client_id=conversion.client_id,
        client_secret=encrypt(conversion.client_secret),
        private_key=encrypt(conversion.pem),
        secret=encrypt(conversion.webhook_secret) if conversion.webhook_secret else "",
        created_at=at,
        created_by=by,
        client_changed_at=at,
    )


@transaction.atomic
def update_credentials(
    *, client_secret: str, private_key: str, webhook_secret: str, at: datetime
) -> GitHubApp:
    """Replace the credentials that are given. The webhook secret before stays valid for a day."""
    app = GitHubApp.objects.select_for_update().filter(id=GitHubApp.ONLY).first()
    if app is None:
        raise NotFound
    if client_secret:
        app.client_secret, app.client_changed_at, app.client_sent_at = encrypt(client_secret), at, None
    if private_key:
        app.private_key, app.refused_at = encrypt(private_key), None
    if webhook_secret:
        app.previous_secret, app.previous_secret_expires_at = app.secret, at + OLD_SECRET_LIFETIME
        app.secret = encrypt(webhook_secret)
    app.save(
        update_fields=[
            *("client_secret", "client_changed_at", "client_sent_at", "private_key", "refused_at"),
            *("secret", "previous_secret", "previous_secret_expires_at"),
        ]
    )
    return app


def rotate_webhook_secret(*, github: AppClient | None, at: datetime) -> None:
    """Make a new webhook secret and set it on GitHub. The one before stays valid for a day.

    Raises NoWebhook and SecretNotChanged. No delivery is refused whenever this is aborted: the new secret is
    accepted before GitHub has it, and stays the next one until GitHub says that it has it.
    """
    if github is None:
        raise NotFound
    secret = _create_next_secret()
    try:
        with respect_rate_limits(background=False, at=at):
            github.set_webhook_secret(secret)
    except (GitHubNotFound, GitHubRateLimited, GitHubUnavailable):
        raise SecretNotChanged from None
    _use_next_secret(at=at)


@transaction.atomic
def _create_next_secret() -> str:
    """Return the next webhook secret: the one of an attempt that was aborted, if there was one."""
    app = GitHubApp.objects.select_for_update().filter(id=GitHubApp.ONLY).first()
    if app is None:
        raise NotFound
    if not app.has_webhook:
        raise NoWebhook
    if app.has_next_secret:
        try:
            return decrypt(app.previous_secret)
        except ValueError:
            log.exception("webhook_secret_not_decrypted", webhook=str(app))
    secret = secrets.token_urlsafe(32)
    app.previous_secret, app.previous_secret_expires_at = encrypt(secret), None
    app.save(update_fields=["previous_secret", "previous_secret_expires_at"])
    return secret


@transaction.atomic
def _use_next_secret(*, at: datetime) -> None:
    app = GitHubApp.objects.select_for_update().filter(id=GitHubApp.ONLY).first()
    # Unless another request has done it.
    if app and app.has_next_secret:
        app.secret, app.previous_secret = app.previous_secret, app.secret
        app.previous_secret_expires_at = at + OLD_SECRET_LIFETIME
        app.save(update_fields=["secret", "previous_secret", "previous_secret_expires_at"])


def record_client_sent(*, changed_at: datetime, at: datetime) -> None:
    """Note that users has the OAuth client, unless it was changed meanwhile."""
    GitHubApp.objects.filter(client_changed_at=changed_at).update(client_sent_at=at)


def record_rejection(*, private_key: str, at: datetime) -> None:
    """Note that GitHub does not accept this private key (as stored), unless it was replaced meanwhile."""
    GitHubApp.objects.filter(private_key=private_key, refused_at=None).update(refused_at=at)


def record_acceptance(*, private_key: str) -> None:
    """Note that GitHub accepts this private key (as stored)."""
    GitHubApp.objects.filter(private_key=private_key).exclude(refused_at=None).update(refused_at=None)
