"""The demo's accounts, all with one password, their addresses confirmed."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from demo.folders import Folders
from demo.people import demo_password, tell
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from seed_cast import EVERYONE, MEMBERS, MENTORS, OPERATOR

from users.accounts import actions
from users.accounts.models import Account
from users.accounts.rules import ClientInfo

CLIENT_INFO = ClientInfo(address="127.0.0.1", agent="demo")


def fill() -> None:
    """Make them, unless there is an account already."""
    if Account.objects.exists():
        return
    at = timezone.now() - timedelta(days=50)
    # Hashed once: forty-six times would be felt at the first start.
    folders = Folders.of_this_run()
    password = make_password(demo_password(folders))
    for person in EVERYONE:
        account = Account(
            id=person.account_id,
            email=person.email,
            name=person.name,
            password=password,
            github_id=person.github_id,
            github_login=person.login if person.github_id else "",
        )
        actions.register(account=account, client=CLIENT_INFO, at=at)
        EmailAddress.objects.create(user=account, email=person.email, verified=True, primary=True)
        actions.confirm_email(account_id=account.id, client=CLIENT_INFO, at=at)
    actions.make_owner(account_id=OPERATOR.account_id, client=CLIENT_INFO, at=at)
    cast = {"operator": OPERATOR, "mentor": MENTORS[0], "member": MEMBERS[0]}
    tell([(role, person.email) for role, person in cast.items()], folders)
