"""Repositories that are created from a template: their names, and why one was not created."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from study.github.rules.patterns import owner_and_prefix

# With GitHub's longest login it is GitHub's longest name.
PREFIX_LENGTH = 60
_PREFIX = re.compile(r"[a-z0-9._-]*", re.ASCII)


def repository_name(*, owner: str, prefix: str, login: str) -> str:
    """Return "owner/name" of a member's repository."""
    return f"{owner}/{prefix}{login}".lower()


def clean_prefix(text: str, *, pattern: str) -> str:
    """Return the prefix in lower case. Raises ValidationError if names with it would not match."""
    prefix = text.strip().lower()
    if not _PREFIX.fullmatch(prefix):
        raise ValidationError(_("Letters, digits, hyphens, dots and underscores only."))
    _owner, required = owner_and_prefix(pattern)
    if not prefix.startswith(required):
        raise ValidationError(
            _("Names must begin with “%(prefix)s”, as %(pattern)s says."),
            params={"prefix": required, "pattern": pattern},
        )
    return prefix


class CreationError(DomainError):
    """Why a repository was not created, and what to do; a row keeps the code, and what GitHub said."""

    def __init__(self, *, message: str = "", field: str | None = None, **details: str) -> None:
        super().__init__(field=field, **details)
        self.message = message


class TemplateGone(CreationError):
    code = "template_gone"
    title = _(
        "The template %(template)s is gone, or we may not read it. Restore it on GitHub, and try again."
    )


class NotATemplate(CreationError):
    code = "not_a_template"
    title = _(
        "%(template)s is no template. Check “Template repository” in its settings on GitHub, and try again."
    )


class OwnerRefused(CreationError):
    code = "owner_refused"
    title = _(
        "GitHub does not let us create repositories in %(owner)s. Ask an owner of it for that permission, "
        "and try again."
    )


class NameTaken(CreationError):
    code = "name_taken"
    title = _(
        "%(name)s exists already, and was not created here. Rename it on GitHub, or assign it to the member, "
        "and try again."
    )


class LoginUnknown(CreationError):
    code = "login_unknown"
    title = _("GitHub has no account %(login)s. Correct it on the member's page, and try again.")


class InvitationRefused(CreationError):
    code = "invitation_refused"
    title = _(
        "%(name)s is created, but GitHub refused to invite %(login)s. Invite them on GitHub, or try again."
    )


class MemberLeft(CreationError):
    code = "member_left"
    title = _("The member left the cohort before the repository was created.")


class NoAnswer(CreationError):
    code = "no_answer"
    title = _("GitHub did not answer for more than a day. Try again.")


CREATION_ERRORS = {error.code: error for error in CreationError.__subclasses__()}
