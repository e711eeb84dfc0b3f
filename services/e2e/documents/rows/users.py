"""Accounts with and without related rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession

from documents.callers import Person
from users.accounts.actions.registration import confirm_email, register
from users.accounts.models import Account
from users.accounts.rules import ClientInfo
from users.exports import actions as exports
from users.tokens import actions as tokens

OLGA = UUID("00000000-0000-4000-8000-00000000016a")
ADA = UUID("00000000-0000-4000-8000-00000000ada0")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
STRANGER = UUID("00000000-0000-4000-8000-00000057a264")
CLIENT_INFO = ClientInfo(address="192.0.2.7", agent="a browser")

# The first has the most permissions.
PEOPLE = [
    Person("owner", OLGA, claims={"roles": ["owner"]}),
    Person("member", ADA, claims={"locale": "en"}),
    Person("someone unheard of", STRANGER, claims={"roles": ["owner"]}),
    Person("reader", OLGA, claims={"scope": "read", "roles": ["owner"]}),
    Person("nobody", None),
]

KNOWN = {"time_zone": "Europe/Berlin"}


def fill(now: datetime) -> list[Person]:
    """Fill the empty database; return the callers."""
    _account(OLGA, "Olga", now, is_owner=True, github_id=100, github_login="olga-runs")
    _account(ADA, "Ada", now, github_id=101, github_login="ada-codes")
    _account(BORIS, "Boris", now, can_create_cohorts=True)
    for account_id in (OLGA, ADA):
        tokens.create(
            account_id=account_id, name="calendar", scope="read write", days=30, client=CLIENT_INFO, at=now
        )
        for number in range(2):
            UserSession.objects.create(
                user_id=account_id,
                ip=CLIENT_INFO.address,
                user_agent=CLIENT_INFO.agent,
                session_key=f"{account_id}{number}",
            )
    exports.request_export(account_id=ADA, own={"name": "Ada"}, client=CLIENT_INFO, at=now)
    return PEOPLE


def _account(account_id: UUID, name: str, now: datetime, **more: Any) -> None:
    account = Account(id=account_id, email=f"{name.lower()}@club.example", name=name, **more)
    account.set_unusable_password()
    register(account=account, client=CLIENT_INFO, at=now)
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    confirm_email(account_id=account_id, client=CLIENT_INFO, at=now)
