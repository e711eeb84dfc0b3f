"""Personal-data export."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from chassis.account_mirror import queries as account_mirror
from notification.delivery import queries as delivery
from notification.inbox import queries as inbox
from notification.mirrors.models import ContactMirror
from notification.preferences import queries as preferences
from notification.push import queries as push


def export_personal_data(account_id: UUID) -> dict[str, Any]:
    """Return everything that this service stores about an account as JSON types. Seven queries."""
    contact = ContactMirror.objects.filter(account_id=account_id).first()
    data = {
        "account": {**(account_mirror.export_account(account_id) or {}), "email": contact and contact.email},
        "notifications": inbox.export_notifications(account_id),
        "preferences": [
            {"kind": choice.kind, "channel": choice.channel, "on": choice.on}
            for choice in preferences.choices(account_id)
        ],
        "quiet_hours": preferences.export_quiet_hours(account_id),
        "push_subscriptions": push.export_subscriptions(account_id),
        "deliveries": delivery.export_deliveries(account_id),
    }
    exact: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return exact
