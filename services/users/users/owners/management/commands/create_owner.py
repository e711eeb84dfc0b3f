from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from chassis.names import check_name
from users.accounts.actions.registration import ensure_owner
from users.accounts.models import Account
from users.accounts.rules import ClientInfo


class Command(BaseCommand):
    """Create an owner, or make an existing account an owner."""

    help = "Create an owner. An existing account with that address becomes one and keeps its password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: Any, email: str, name: str, password_stdin: bool, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\n") if password_stdin else getpass("Password: ")
        try:
            validate_email(email)
            check_name(name)
            validate_password(password, Account(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        owner = ensure_owner(
            email=email, name=name, password=password, client=ClientInfo(), at=timezone.now()
        )
        self.stdout.write(f"{owner.email} is an owner.")
