"""Contents of account emails. All are rendered with emails/email.html and emails/email.txt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue_on_commit
from users.accounts.models import Account, AuditKind
from users.emails import actions, tasks


@dataclass(frozen=True)
class EmailTemplate:
    """Contents of an email. `link` is the context key of the button's URL."""

    subject: str | Promise
    lines: tuple[str | Promise, ...]
    link: str = ""
    label: str | Promise = ""
    # Recorded in the audit log with the email; None if the action has recorded it.
    audit_kind: AuditKind | None = None


_NOT_YOU = _("If this was not you, reset your password now and look at your sessions.")
_IGNORE = _("If you did not ask for this, you need not do anything.")

EMAIL_TEMPLATES: dict[str, EmailTemplate] = {
    "account/email/email_confirmation_signup": EmailTemplate(
        _("Confirm your email"),
        (_("Welcome to Seodang. Confirm that this address is yours, and you are in."), _IGNORE),
        link="activate_url",
        label=_("Confirm my email"),
    ),
    "account/email/email_confirmation": EmailTemplate(
        _("Confirm your email"),
        (_("Confirm that this address is yours."), _IGNORE),
        link="activate_url",
        label=_("Confirm my email"),
    ),
    "account/email/password_reset_key": EmailTemplate(
        _("Choose a new password"),
        (_("You can choose a new password within an hour."), _IGNORE),
        link="password_reset_url",
        label=_("Choose a new password"),
    ),
    "account/email/unknown_account": EmailTemplate(
        _("There is no account with this address"),
        (_("Someone asked for a new password for this address, but it has no account here."), _IGNORE),
        link="signup_url",
        label=_("Sign up"),
    ),
    "account/email/account_already_exists": EmailTemplate(
        _("You have an account already"),
        (_("Someone tried to sign up with this address, but it has an account here."), _IGNORE),
        link="password_reset_url",
        label=_("Choose a new password"),
    ),
    "account/email/password_changed": EmailTemplate(
        _("Your password was changed"), (_NOT_YOU,), audit_kind=AuditKind.PASSWORD_CHANGED
    ),
    "account/email/password_set": EmailTemplate(
        _("Your account has a password now"), (_NOT_YOU,), audit_kind=AuditKind.PASSWORD_CHANGED
    ),
    "account/email/password_reset": EmailTemplate(
        _("Your password was reset"), (_NOT_YOU,), audit_kind=AuditKind.PASSWORD_RESET
    ),
    "change_email": EmailTemplate(
        _("Confirm your new email"),
        (_("Confirm that this address is yours. From then on, emails come here."), _IGNORE),
        link="url",
        label=_("Confirm my email"),
    ),
    "change_email_taken": EmailTemplate(
        _("You have an account already"),
        (_("Someone with another account tried to change to this address."), _IGNORE),
    ),
    "email_changed": EmailTemplate(
        _("Your email was changed"), (_("Emails go to %(new)s now, and no more to this address."), _NOT_YOU)
    ),
    "closed": EmailTemplate(
        _("Your account is closed"),
        (_("What is personal is erased. If this was not you, tell whoever runs this installation."),),
    ),
    "socialaccount/email/account_connected": EmailTemplate(
        _("GitHub was linked to your account"), (_NOT_YOU,)
    ),
    "socialaccount/email/account_disconnected": EmailTemplate(
        _("GitHub was unlinked from your account"), (_NOT_YOU,)
    ),
}


def enqueue_email(name: str, to: str, context: Mapping[str, Any]) -> None:
    """Render an email in the language of the account with this address, store it and enqueue its delivery."""
    template = EMAIL_TEMPLATES[name]
    # Also queried for unknown addresses, so that the response time is the same.
    account = Account.objects.filter(email=to).first()
    language = account.language if account else translation.get_language()
    with translation.override(language), timezone.override(account.time_zone if account else None):
        subject = str(template.subject)
        rendered_context = {
            "subject": subject,
            "lines": [str(line) % context if "%(" in str(line) else str(line) for line in template.lines],
            "url": public_url(context[template.link]) if template.link else None,
            "label": template.label,
            "origin": _format_origin(context),
            "home": settings.PUBLIC_URL,
        }
        text = render_to_string("emails/email.txt", rendered_context).strip() + "\n"
        html = render_to_string("emails/email.html", rendered_context)
    actions.create_email(to=to, subject=subject, text=text, html=html, at=timezone.now())
    enqueue_on_commit(tasks.send_due_emails, priority=LOW_PRIORITY)


def public_url(url: str) -> str:
    """Return the URL at PUBLIC_URL: allauth builds links from the request's Host."""
    return settings.PUBLIC_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()


def _format_origin(context: Mapping[str, Any]) -> str:
    at = context.get("timestamp")
    if not isinstance(at, datetime):
        return ""
    when = format_date(timezone.localtime(at), "Y-m-d H:i")
    return gettext("On %(when)s, from %(ip)s, %(agent)s.") % {
        "when": when,
        "ip": context.get("ip", ""),
        "agent": context.get("user_agent", ""),
    }
