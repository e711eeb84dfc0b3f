"""Register, confirm and delete accounts, and create owners."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotFound
from users.accounts.actions.audit import publish_account_changed, publish_contact_changed, record_audit
from users.accounts.models import Account, AuditKind
from users.accounts.rules import ClientInfo, normalise_email, normalise_name

# Accounts without a confirmed address are deleted after this time.
UNCONFIRMED_RETENTION = timedelta(days=30)


class EmailTaken(DomainError):
    code = "email_taken"
    title = _("This address has an account already.")


@transaction.atomic
def register(*, account: Account, client: ClientInfo, at: datetime) -> None:
    """Save a new account. Other services learn of it when its address is confirmed.

    IntegrityError if another account has the address.
    """
    account.joined_at = at
    account.email = normalise_email(account.email or "")
    account.name = normalise_name(account.name)
    account.save(force_insert=True)
    record_audit(account_id=account.id, kind=AuditKind.REGISTERED, client=client, at=at)


@transaction.atomic
def confirm_email(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Mark the address as confirmed and publish the account to the other services. Idempotent."""
    if Account.objects.filter(id=account_id, confirmed_at=None).update(confirmed_at=at):
        account = Account.objects.get(id=account_id)
        record_audit(account_id=account_id, kind=AuditKind.EMAIL_CONFIRMED, client=client, at=at)
        publish_account_changed(account=account, at=at)
        publish_contact_changed(account=account, at=at)


@transaction.atomic
def complete_registration(
    *, account_id: UUID, name: str, password: str | None, client: ClientInfo, at: datetime
) -> Account:
    """Set name and password of an unconfirmed account, and confirm its address.

    Replaces everything given at sign-up, which may have been done with somebody else's address.
    `password=None` keeps the GitHub link, for the browser session that signed up with GitHub.
    NotFound if the address is already confirmed.
    """
    account = Account.objects.select_for_update().filter(id=account_id, confirmed_at=None).first()
    if account is None:
        raise NotFound
    if password is not None:
        SocialAccount.objects.filter(user=account).delete()
        account.github_id, account.github_login = None, ""
    account.set_password(password)
    account.name = normalise_name(name)
    account.save(update_fields=["name", "password", "github_id", "github_login"])
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    confirm_email(account_id=account_id, client=client, at=at)
    return Account.objects.get(id=account_id)


@transaction.atomic
def register_invited(
    *, email: str, name: str, password: str, language: str, client: ClientInfo, at: datetime
) -> Account:
    """Create and confirm an account for an address that another mail has proved.

    Replaces an unconfirmed account, as confirming does. EmailTaken if the address has an account: nothing of
    it changes.
    """
    address = normalise_email(email)
    account = Account.objects.select_for_update().filter(email=address).first()
    if account is None:
        account = Account(email=address, name=name, language=language)
        account.set_unusable_password()
        try:
            with transaction.atomic():
                register(account=account, client=client, at=at)
        except IntegrityError:
            # Registered concurrently.
            raise EmailTaken from None
    elif account.confirmed_at is not None:
        raise EmailTaken
    return complete_registration(account_id=account.id, name=name, password=password, client=client, at=at)


@transaction.atomic
def release_email(*, email: str) -> None:
    """Delete the unconfirmed account with this address, if there is one."""
    Account.objects.filter(email=normalise_email(email), confirmed_at=None).delete()


@transaction.atomic
def change_email(*, account_id: UUID, email: str, client: ClientInfo, at: datetime) -> None:
    """Replace the confirmed address. EmailTaken if another account has confirmed it."""
    address = normalise_email(email)
    account = Account.objects.select_for_update().get(id=account_id)
    if account.email == address:
        return
    release_email(email=address)
    if Account.objects.filter(email=address).exists():
        raise EmailTaken
    EmailAddress.objects.filter(user=account).delete()
    EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
    account = Account.objects.update_versioned(account_id, email=address)
    record_audit(account_id=account_id, kind=AuditKind.EMAIL_CHANGED, client=client, at=at)
    publish_contact_changed(account=account, at=at)


@transaction.atomic
def ensure_owner(*, email: str, name: str, password: str, client: ClientInfo, at: datetime) -> Account:
    """Make the account with this address an owner; create and confirm it if necessary.

    A confirmed account keeps its name and its password.
    """
    account = Account.objects.select_for_update().filter(email=normalise_email(email)).first()
    if account is None:
        account = Account(email=email, name=name)
        account.set_unusable_password()
        register(account=account, client=client, at=at)
    if account.confirmed_at is None:
        complete_registration(account_id=account.id, name=name, password=password, client=client, at=at)
    record_audit(account_id=account.id, kind=AuditKind.OWNER_MADE, client=client, at=at)
    return Account.objects.update_versioned(account.id, is_owner=True)


@transaction.atomic
def delete_unconfirmed_accounts(*, at: datetime) -> int:
    """Delete up to 1000 old unconfirmed accounts, so that none blocks an address. Return how many."""
    unconfirmed = Account.objects.filter(confirmed_at=None, joined_at__lt=at - UNCONFIRMED_RETENTION)
    ids = list(unconfirmed.values_list("id", flat=True)[:1000])
    Account.objects.filter(id__in=ids).delete()
    return len(ids)
