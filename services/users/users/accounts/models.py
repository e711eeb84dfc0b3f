"""Accounts and their audit log."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class AccountQuerySet(models.QuerySet["Account"]):
    def active(self) -> AccountQuerySet:
        """Return accounts that are neither closed nor disabled."""
        return self.filter(closed_at=None, disabled_at=None)

    def verified(self) -> AccountQuerySet:
        """Return accounts that have confirmed an address: only these are published to other services."""
        return self.filter(confirmed_at__isnull=False)

    def update_versioned(self, account_id: uuid.UUID, **fields: Any) -> Account:
        """Update the fields and increment the version in one UPDATE. Return the account."""
        self.filter(id=account_id).update(version=F("version") + 1, **fields)
        return self.get(id=account_id)


class Account(AbstractBaseUser):
    """An account. `version` increases with every change that other services mirror."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Lower case, compared byte by byte. NULL once the account is closed.
    email = models.EmailField(_("Email"), max_length=254, null=True, unique=True)  # noqa: DJ001 - blanks would not be unique
    name = models.CharField(_("Name"), max_length=60, blank=True)
    language = models.CharField(_("Language"), max_length=8, default="ko")
    time_zone = models.CharField(_("Time zone"), max_length=64, default="Asia/Seoul")
    # GitHub's numeric user id, which never changes; the login is the one of the last sign-in or link.
    github_id = models.BigIntegerField(null=True, unique=True)
    github_login = models.CharField(max_length=39, blank=True)
    is_owner = models.BooleanField(default=False)
    can_create_cohorts = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField(default=1)
    joined_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = AccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["joined_at", "id"], name="accounts_by_joined_at")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def is_active(self) -> bool:  # type: ignore[override] # a property here, a column there
        """Return True if the account may sign in; read by Django and allauth."""
        return self.closed_at is None and self.disabled_at is None

    @property
    def roles(self) -> list[str]:
        """Return the installation-wide roles, as named in tokens."""
        roles = {"owner": self.is_owner, "cohort_creator": self.can_create_cohorts}
        return [role for role, is_held in roles.items() if is_held]

    @property
    def claims(self) -> dict[str, Any]:
        """Return the claims of its tokens that describe the account."""
        return {"sub": str(self.id), "roles": self.roles, "locale": self.language, "zoneinfo": self.time_zone}


class GitHubOAuthClient(models.Model):
    """The OAuth client of the GitHub App, sent by study: one row. GITHUB_CLIENT_ID wins where it is set."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    client_id = models.CharField(max_length=255)
    # Encrypted with FIELD_KEY.
    client_secret = models.TextField()
    # When the client was created or changed, as study says: an older one changes nothing.
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.client_id


class AuditKind(models.TextChoices):
    """Kinds of audit entries."""

    REGISTERED = "registered", _("Account made")
    EMAIL_CONFIRMED = "email_confirmed", _("Email confirmed")
    EMAIL_CHANGED = "email_changed", _("Email changed")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed: wrong password")
    SIGN_IN_BLOCKED = "sign_in_blocked", _("Sign-in refused: too many attempts")
    SIGNED_OUT = "signed_out", _("Signed out")
    SESSIONS_ENDED = "sessions_ended", _("Signed out on other devices")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset by email")
    GITHUB_LINKED = "github_linked", _("GitHub linked")
    GITHUB_UNLINKED = "github_unlinked", _("GitHub unlinked")
    TOKEN_CREATED = "token_created", _("Access token made")
    TOKEN_REVOKED = "token_revoked", _("Access token revoked")
    EXPORT_REQUESTED = "export_requested", _("Copy of all data asked for")
    OWNER_MADE = "owner_made", _("Made an owner")
    COHORT_CREATION_GRANTED = "cohort_creation_granted", _("Allowed to create cohorts")
    COHORT_CREATION_REVOKED = "cohort_creation_revoked", _("No longer allowed to create cohorts")
    DISABLED = "disabled", _("Account disabled")
    ENABLED = "enabled", _("Account enabled again")
    CLOSED = "closed", _("Account closed")


class AuditEntry(models.Model):
    """An entry of the audit log. Immutable; deleted with the account's data, or after a year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=AuditKind.choices)
    # The subject, such as a token's name; never a secret.
    about = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="audit_newest_first"),
            models.Index(fields=["at"], name="audit_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
