from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from users.accounts.actions.registration import ensure_owner
from users.accounts.rules import ClientInfo
from users.owners.forms import OwnerForm


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
        form = OwnerForm({"email": email, "name": name, "password": password})
        if not form.is_valid():
            raise CommandError(" ".join(str(error) for errors in form.errors.values() for error in errors))
        owner = ensure_owner(**form.cleaned_data, client=ClientInfo(), at=timezone.now())
        self.stdout.write(f"{owner.email} is an owner.")
