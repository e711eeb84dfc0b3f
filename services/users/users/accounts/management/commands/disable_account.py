from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chassis.errors import DomainError
from users.accounts.actions.roles import disable, enable
from users.accounts.models import Account
from users.accounts.rules import ClientInfo, normalise_email


class Command(BaseCommand):
    """Disable or enable an account."""

    help = "Disable an account: no sign-in and no new token from now on. --undo enables it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--undo", action="store_true")

    def handle(self, *args: Any, email: str, undo: bool, **options: Any) -> None:
        account = Account.objects.filter(email=normalise_email(email)).first()
        if account is None:
            raise CommandError(f"There is no account with the address {email}.")
        act = enable if undo else disable
        try:
            act(account_id=account.id, client=ClientInfo(), at=timezone.now())
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            "The account is enabled."
            if undo
            else "The account is disabled. Its tokens expire within 10 minutes."
        )
