"""The link to GitHub, kept by GitHub's number for the person. A login can be renamed, and taken by others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from users.accounts.actions.log import note, tell_changed
from users.accounts.models import Account, Kind
from users.accounts.rules import Seen


class GitHubTaken(DomainError):
    code = "github_taken"
    title = _("This GitHub account is linked to another person. Sign in as them, or unlink it there first.")


class OtherGitHubLinked(DomainError):
    code = "other_github_linked"
    title = _("Another GitHub account is linked to yours. Unlink it first.")


class NoOtherWayIn(DomainError):
    code = "no_other_way_in"
    title = _("GitHub is your only way to sign in. Set a password first.")


@transaction.atomic
def link_github(*, account_id: UUID, github_id: int, login: str, seen: Seen, at: datetime) -> None:
    """Link the person to GitHub's number. Twice is once. GitHubTaken, OtherGitHubLinked."""
    account = Account.objects.select_for_update().get(id=account_id)
    if account.github_id not in {None, github_id}:
        raise OtherGitHubLinked
    holder = SocialAccount.objects.filter(provider="github", uid=str(github_id)).first()
    if holder is not None and holder.user_id != account_id:
        raise GitHubTaken
    if holder is None:
        SocialAccount.objects.create(
            user_id=account_id, provider="github", uid=str(github_id), extra_data={"login": login}
        )
        note(account_id=account_id, kind=Kind.GITHUB_LINKED, seen=seen, at=at, about=login)
    if (account.github_id, account.github_login) != (github_id, login):
        tell_changed(
            account=Account.objects.change(account_id, github_id=github_id, github_login=login), at=at
        )


@transaction.atomic
def learn_login(*, account_id: UUID, login: str, at: datetime) -> None:
    """The person signed in with GitHub under this login: a renaming is told on."""
    account = Account.objects.select_for_update().get(id=account_id)
    if account.github_login != login:
        tell_changed(account=Account.objects.change(account_id, github_login=login), at=at)


@transaction.atomic
def unlink_github(*, account_id: UUID, seen: Seen, at: datetime) -> None:
    """Forget the link. NoOtherWayIn for an account without a password."""
    account = Account.objects.select_for_update().get(id=account_id)
    if account.github_id is None:
        return
    if not account.has_usable_password():
        raise NoOtherWayIn
    SocialAccount.objects.filter(user_id=account_id, provider="github").delete()
    note(account_id=account_id, kind=Kind.GITHUB_UNLINKED, seen=seen, at=at, about=account.github_login)
    tell_changed(account=Account.objects.change(account_id, github_id=None, github_login=""), at=at)
