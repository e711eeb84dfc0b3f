"""Link accounts to GitHub by numeric user id. A login can be renamed and reused by others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.crypto import encrypt
from chassis.errors import DomainError
from users.accounts.actions.audit import record_audit, update_public_fields
from users.accounts.models import Account, AuditKind, GitHubOAuthClient
from users.accounts.rules import ClientInfo


class GitHubTaken(DomainError):
    code = "github_taken"
    title = _("This GitHub account is linked to another person. Sign in as them, or unlink it there first.")


class OtherGitHubLinked(DomainError):
    code = "other_github_linked"
    title = _("Another GitHub account is linked to yours. Unlink it first.")


class NoOtherSignInMethod(DomainError):
    code = "no_other_signin_method"
    title = _("GitHub is your only way to sign in. Set a password first.")


@transaction.atomic
def set_oauth_client(*, client_id: str, client_secret: str, changed_at: datetime) -> None:
    """Store the OAuth client of the GitHub App, encrypted. Idempotent; an older one changes nothing."""
    known = GitHubOAuthClient.objects.select_for_update().filter(id=GitHubOAuthClient.ONLY).first()
    if known and known.changed_at >= changed_at:
        return
    GitHubOAuthClient.objects.update_or_create(
        id=GitHubOAuthClient.ONLY,
        defaults={
            "client_id": client_id,
            "client_secret": encrypt(client_secret),
            "changed_at": changed_at,
        },
    )


@transaction.atomic
def link_github(*, account_id: UUID, github_id: int, login: str, client: ClientInfo, at: datetime) -> None:
    """Link the account to a GitHub user id. Idempotent. GitHubTaken, OtherGitHubLinked."""
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
        record_audit(account_id=account_id, kind=AuditKind.GITHUB_LINKED, client=client, at=at, about=login)
    if (account.github_id, account.github_login) != (github_id, login):
        update_public_fields(account_id=account_id, github_id=github_id, github_login=login, at=at)


@transaction.atomic
def update_github_login(*, account_id: UUID, login: str, at: datetime) -> None:
    """Store the login of the last GitHub sign-in, and publish the account if it changed."""
    account = Account.objects.select_for_update().get(id=account_id)
    if account.github_login != login:
        update_public_fields(account_id=account_id, github_login=login, at=at)


@transaction.atomic
def unlink_github(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Delete the GitHub link. Idempotent. NoOtherSignInMethod for an account without a password."""
    account = Account.objects.select_for_update().get(id=account_id)
    if account.github_id is None:
        return
    if not account.has_usable_password():
        raise NoOtherSignInMethod
    SocialAccount.objects.filter(user_id=account_id, provider="github").delete()
    login = account.github_login
    record_audit(account_id=account_id, kind=AuditKind.GITHUB_UNLINKED, client=client, at=at, about=login)
    update_public_fields(account_id=account_id, github_id=None, github_login="", at=at)
