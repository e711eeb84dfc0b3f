"""The accounts of the sample data, with one password and verified email addresses."""

from __future__ import annotations

import json
from datetime import timedelta

from allauth.account.models import EmailAddress
from demo.folders import Folders
from demo.keys import demo_password
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from seed_data import PEOPLE

from users.accounts.actions.registration import confirm_email, register
from users.accounts.actions.roles import make_owner
from users.accounts.models import Account
from users.accounts.rules import ClientInfo
from users.avatars.actions import store_avatar

CLIENT_INFO = ClientInfo(address="127.0.0.1", agent="demo")


def fill() -> None:
    """Create the accounts unless there is one."""
    if Account.objects.exists():
        return
    at = timezone.now() - timedelta(days=50)
    # Hash once: 46 hashes would delay the first start.
    folders = Folders.from_environment()
    password = make_password(demo_password(folders))
    for person in PEOPLE.values():
        account = Account(
            id=person.account_id,
            email=f"{person.key}@example.org",
            name=person.name,
            password=password,
            github_id=person.github_id,
            github_login=person.linked_login,
        )
        register(account=account, client=CLIENT_INFO, at=at)
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
        confirm_email(account_id=account.id, client=CLIENT_INFO, at=at)
        if person.github_id:
            # On GitHub the id is that of somebody else: never ask for their avatar.
            later = at + timedelta(days=365_000)
            store_avatar(account_id=account.id, github_id=person.github_id, content=b"", at=later)
    make_owner(account_id=PEOPLE["operator"].account_id, client=CLIENT_INFO, at=at)
    shown = [{"role": role, "email": f"{role}@example.org"} for role in ("operator", "mentor", "member")]
    folders.accounts.write_text(json.dumps(shown, indent=1), encoding="utf-8")
