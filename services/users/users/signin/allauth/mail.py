"""What each letter of allauth says. One look for all of them: letters/letter.html."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.dateformat import format as written
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from users.accounts.models import Account, Kind
from users.letters import actions, tasks


@dataclass(frozen=True)
class Words:
    """A letter without its particulars. `link` names the context's entry with the button's address."""

    subject: str | Promise
    lines: tuple[str | Promise, ...]
    link: str = ""
    label: str | Promise = ""
    # What the log says when this letter goes out; None where the log has said it already.
    logged: Kind | None = None


_NOT_YOU = _("If this was not you, reset your password now and look at your sessions.")
_IGNORE = _("If you did not ask for this, you need not do anything.")

WORDS: dict[str, Words] = {
    "account/email/email_confirmation_signup": Words(
        _("Confirm your email"),
        (_("Welcome to Seodang. Confirm that this address is yours, and you are in."), _IGNORE),
        link="activate_url",
        label=_("Confirm my email"),
    ),
    "account/email/email_confirmation": Words(
        _("Confirm your email"),
        (_("Confirm that this address is yours."), _IGNORE),
        link="activate_url",
        label=_("Confirm my email"),
    ),
    "account/email/password_reset_key": Words(
        _("Choose a new password"),
        (_("You can choose a new password within an hour."), _IGNORE),
        link="password_reset_url",
        label=_("Choose a new password"),
    ),
    "account/email/unknown_account": Words(
        _("There is no account with this address"),
        (_("Someone asked for a new password for this address, but it has no account here."), _IGNORE),
        link="signup_url",
        label=_("Sign up"),
    ),
    "account/email/account_already_exists": Words(
        _("You have an account already"),
        (_("Someone tried to sign up with this address, but it has an account here."), _IGNORE),
        link="password_reset_url",
        label=_("Choose a new password"),
    ),
    "account/email/password_changed": Words(
        _("Your password was changed"), (_NOT_YOU,), logged=Kind.PASSWORD_CHANGED
    ),
    "account/email/password_set": Words(
        _("Your account has a password now"), (_NOT_YOU,), logged=Kind.PASSWORD_CHANGED
    ),
    "account/email/password_reset": Words(
        _("Your password was reset"), (_NOT_YOU,), logged=Kind.PASSWORD_RESET
    ),
    "change_email": Words(
        _("Confirm your new email"),
        (_("Confirm that this address is yours. From then on, letters come here."), _IGNORE),
        link="url",
        label=_("Confirm my email"),
    ),
    "change_email_taken": Words(
        _("You have an account already"),
        (_("Someone with another account tried to change to this address."), _IGNORE),
    ),
    "email_changed": Words(
        _("Your email was changed"), (_("Letters go to %(new)s now, and no more to this address."), _NOT_YOU)
    ),
    "closed": Words(
        _("Your account is closed"),
        (_("What is personal is erased. If this was not you, tell whoever runs this installation."),),
    ),
    "socialaccount/email/account_connected": Words(_("GitHub was linked to your account"), (_NOT_YOU,)),
    "socialaccount/email/account_disconnected": Words(
        _("GitHub was unlinked from your account"), (_NOT_YOU,)
    ),
}


def write(template: str, to: str, context: Mapping[str, Any]) -> None:
    """Write the letter in the language of whoever has the address, and hurry it on its way."""
    words = WORDS[template]
    # Asked for strangers' addresses too, so that the answer takes the same time for everyone.
    person = Account.objects.filter(email=to).first()
    language = person.language if person else translation.get_language()
    with translation.override(language), timezone.override(person.time_zone if person else None):
        subject = str(words.subject)
        particulars = {
            "subject": subject,
            "lines": [str(line) % context if "%(" in str(line) else str(line) for line in words.lines],
            "url": public(context[words.link]) if words.link else None,
            "label": words.label,
            "from_where": _from_where(context),
            "home": settings.PUBLIC_URL,
        }
        text = render_to_string("letters/letter.txt", particulars).strip() + "\n"
        html = render_to_string("letters/letter.html", particulars)
    actions.write(to=to, subject=subject, text=text, html=html, at=timezone.now())
    tasks.hurry()


def public(url: str) -> str:
    """Return the address at PUBLIC_URL. allauth makes links from the Host that a request claims."""
    return settings.PUBLIC_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()


def _from_where(context: Mapping[str, Any]) -> str:
    at = context.get("timestamp")
    if not isinstance(at, datetime):
        return ""
    when = written(timezone.localtime(at), "Y-m-d H:i")
    return gettext("On %(when)s, from %(ip)s, %(agent)s.") % {
        "when": when,
        "ip": context.get("ip", ""),
        "agent": context.get("user_agent", ""),
    }
