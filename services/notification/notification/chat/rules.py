"""Which URLs are chat webhooks, and what is written there. No message contains a person's name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notification.chat.models import Platform
from notification.outgoing.client import check_url, is_allowed_host
from notification.outgoing.rules import AddressRefused

DISCORD_HOSTS = {"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com"}
SLACK_HOSTS = {"hooks.slack.com", "hooks.slack-gov.com"}
# Discord takes 2000 characters.
MAX_TEXT = 1900


def platform_of(url: str) -> Platform:
    """Return whose webhook the URL is. Raises AddressRefused if it is none.

    A host of OUTGOING_ALLOWED_HOSTS is a Mattermost, Rocket.Chat or other chat that takes what Slack does.
    """
    check_url(url)
    parts = urlsplit(url)
    if parts.hostname in DISCORD_HOSTS and parts.path.startswith("/api/webhooks/"):
        return Platform.DISCORD
    if (parts.hostname in SLACK_HOSTS and parts.path.startswith("/services/")) or is_allowed_host(url):
        return Platform.SLACK
    raise AddressRefused("no webhook of Discord or Slack")


def encode_message(platform: str, text: str) -> bytes:
    """Return the body of a request; what looks like a mention notifies nobody."""
    if platform == Platform.DISCORD:
        content: dict[str, Any] = {"content": text, "allowed_mentions": {"parse": []}}
    else:
        for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
            text = text.replace(character, entity)
        content = {"text": text}
    return json.dumps(content, ensure_ascii=False).encode()


def _announcement(context: Mapping[str, Any]) -> str:
    return _("New announcement: %(title)s") % {"title": context["title"]}


def _mission_opened(context: Mapping[str, Any]) -> str:
    return _("New mission: %(mission)s") % {"mission": context["mission"]}


def _missing(context: Mapping[str, Any]) -> str:
    missing, total = int(context["missing"]), int(context["total"])
    text = ngettext(
        "%(missing)d of %(total)d has not submitted %(mission)s yet.",
        "%(missing)d of %(total)d have not submitted %(mission)s yet.",
        missing,
    )
    return text % {"missing": missing, "total": total, "mission": context["mission"]}


def _test(context: Mapping[str, Any]) -> str:
    return _("Messages of Seodang arrive here. This is a test.")


# The kinds of messages → the text of a context, in the active language.
MESSAGES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "announcement": _announcement,
    "mission_opened": _mission_opened,
    "missing": _missing,
    "test": _test,
}


def render_message(kind: str, context: Mapping[str, Any], *, cohort: str, url: str, due: str = "") -> str:
    """Return the text of a message: the cohort, what happened, and a link that only members can open."""
    lines = [f"[{cohort}] {MESSAGES[kind](context)}"[:MAX_TEXT]]
    if due:
        lines.append(_("Deadline: %(due)s") % {"due": due})
    return "\n".join([*lines, url])


def due_of(context: Mapping[str, Any]) -> datetime | None:
    """Return the deadline in a context; None if it has none."""
    return datetime.fromisoformat(context["due_at"]) if context.get("due_at") else None
