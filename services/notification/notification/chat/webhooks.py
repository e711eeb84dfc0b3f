"""Webhooks of Discord, Slack, and chats that take what Slack does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.utils import timezone, translation
from django.utils.html import strip_tags

from look.templatetags.tags import moment
from notification.chat.models import ChatMessage
from notification.chat.queries import webhook_url
from notification.chat.rules import due_of, encode_message, render_message
from notification.mirrors.models import CohortMirror
from notification.outgoing.client import Client, client
from notification.outgoing.rules import SkipDelivery


@contextmanager
def channel() -> Iterator[Callable[[ChatMessage], None]]:
    """Yield a function that sends one message. It raises what the client raises, and SkipDelivery."""
    with client() as http:
        yield partial(_send, http)


def _send(http: Client, message: ChatMessage) -> None:
    url = webhook_url(message.webhook)
    if not url:
        raise SkipDelivery("no_key")
    cohort = CohortMirror.objects.filter(cohort_id=message.webhook.cohort_id).first()
    # A channel has many readers and one language.
    with translation.override(settings.LANGUAGE_CODE), timezone.override(settings.TIME_ZONE):
        text = render_message(
            message.kind,
            message.context,
            cohort=cohort.title if cohort else "",
            url=f"{settings.PUBLIC_URL}{message.url}",
            due=strip_tags(moment(due_of(message.context))),
        )
    http.post(url, encode_message(message.webhook.platform, text), {"Content-Type": "application/json"})
