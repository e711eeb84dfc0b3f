"""An inbox with every kind of notification, read and unread, sent and failed mails, a browser and a chat."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

from chassis import settings_base
from chassis.account_mirror import actions as account_mirror
from chassis.events.publish import Envelope
from chassis.events.receive import receive
from documents.callers import Person
from notification.chat import actions as chat
from notification.delivery.models import Delivery
from notification.inbox.models import Notification
from notification.mirrors import actions as mirrors
from notification.preferences.models import Preference
from notification.push import actions as push
from notification.subscriptions import SUBSCRIPTIONS

ADA = UUID("00000000-0000-4000-8000-00000000ada0")
BORIS = UUID("00000000-0000-4000-8000-0000000b0415")
CLARA = UUID("00000000-0000-4000-8000-0000000c1a4a")
OWNER = UUID("00000000-0000-4000-8000-00000000b055")
# Of the events' examples.
COHORT = UUID("8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33")

# The first has the most permissions.
PEOPLE = [
    Person("member", ADA),
    Person("mentor", BORIS, claims={"locale": "en"}),
    Person("someone without anything", CLARA),
    Person("owner", OWNER, claims={"roles": ["owner"]}),
    Person("reader", ADA, claims={"scope": "read"}),
    Person("nobody", None),
]

KNOWN = {
    "endpoint": "https://push.example/2",
    # A point of the curve: its generator.
    "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    "auth": "MDEyMzQ1Njc4OWFiY2RlZg",
    "url": "https://hooks.slack.com/services/T0/B0/new",
}


def fill(now: datetime) -> list[Person]:
    """Fill the empty database; return the callers."""
    for account_id, name in [(ADA, "Ada"), (BORIS, "Boris"), (OWNER, "Olga")]:
        account_mirror.upsert_account(
            account_id=account_id, name=name, language="ko", time_zone="Asia/Seoul", version=1
        )
        mirrors.upsert_contact(account_id=account_id, email=f"{name.lower()}@example.org", version=1)
    for number, file in enumerate(sorted((settings_base.CONTRACTS / "events").glob("study.*.json"))):
        payload = {**json.loads(file.read_text(encoding="utf-8"))["examples"][0]}
        if "recipients" in payload:
            payload["recipients"] = [str(ADA), str(BORIS), str(OWNER)]
        envelope = Envelope(
            event_id=str(UUID(int=number + 1)),
            name=file.stem,
            producer="study",
            occurred_at=now.isoformat(),
            payload=payload,
        )
        receive(envelope, SUBSCRIPTIONS, lambda _: None, at=now)
    newest = list(Notification.objects.filter(account_id=ADA).order_by("-occurred_at", "id"))
    Notification.objects.filter(id=newest[0].id).update(read_at=now)
    Delivery.objects.filter(notification__account_id=OWNER).update(
        next_attempt_at=None, failed_at=now - timedelta(hours=1), skipped="", error="550 no such user"
    )
    Preference.objects.create(account_id=ADA, kind="announcement", channel="email", on=False)
    browser = {"p256dh": KNOWN["p256dh"], "auth": KNOWN["auth"]}
    push.subscribe(account_id=ADA, endpoint="https://push.example/1", at=now, **browser)
    mirrors.upsert_membership(
        membership_id=UUID(int=1), cohort_id=COHORT, account_id=ADA, role="operator", left=False, version=1
    )
    url = "https://hooks.slack.com/services/T0/B0/old"
    chat.create_webhook(cohort_id=COHORT, name="notices", url=url, at=now)
    return PEOPLE
