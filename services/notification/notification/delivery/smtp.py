"""SMTP channel: emails in the recipient's language and time zone."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notification.delivery.actions import SendDelivery, SendInvitation
from notification.delivery.models import Delivery, InvitationEmail
from notification.delivery.rules import zone_of
from notification.inbox.queries import render
from notification.inbox.rules import KINDS, role_name
from notification.outgoing.rules import PermanentDeliveryError, TransientDeliveryError
from notification.preferences.rules import unsubscribe_token

# Not from settings: Django's test runner replaces EMAIL_BACKEND.
BACKEND = "chassis.smtp.EmailBackend"


@contextmanager
def channel() -> Iterator[SendDelivery]:
    """Yield a function that sends one delivery. All share one connection, which the first one opens.

    The function raises TransientDeliveryError if a later attempt may succeed, else PermanentDeliveryError.
    """
    with _connection() as connection:
        yield lambda delivery: _send(connection, build_message(delivery))


@contextmanager
def invitation_channel() -> Iterator[SendInvitation]:
    """Yield a function that sends one invitation, as `channel` does deliveries."""
    with _connection() as connection:
        yield lambda email: _send(connection, build_invitation(email))


@contextmanager
def _connection() -> Iterator[BaseEmailBackend]:
    connection = get_connection(BACKEND)
    try:
        yield connection
    finally:
        connection.close()


def _send(connection: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    try:
        connection.open()
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _delivery_error(code, text) from None
    except smtplib.SMTPDataError as error:
        raise _delivery_error(error.smtp_code, error.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        # Includes a rejected sender address: a configuration error, so retrying makes sense once it is fixed.
        # The connection may be broken, so the next message opens a new one.
        connection.close()
        raise TransientDeliveryError(_error_text(error)) from None


def _delivery_error(code: int, text: bytes | str) -> Exception:
    message = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return PermanentDeliveryError(message) if code >= 500 else TransientDeliveryError(message)


def _error_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return str(_delivery_error(error.smtp_code, error.smtp_error))
    return f"{type(error).__name__}: {error}"


def build_message(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the email: text, HTML, one-click unsubscribe (RFC 8058), one Message-ID for all attempts."""
    recipient, notification = delivery.recipient, delivery.notification
    if not delivery.email:
        raise TransientDeliveryError("the email address is not known yet")
    with translation.override(recipient.language), timezone.override(zone_of(recipient.time_zone)):
        item = render(notification)
        token = unsubscribe_token(notification.account_id, notification.kind)
        unsubscribe_url = f"{settings.PUBLIC_URL}/notifications/unsubscribe/{token}/"
        context = {
            "item": item,
            "kind_label": KINDS[notification.kind].label,
            "name": recipient.name,
            "language": recipient.language,
            "site_url": settings.PUBLIC_URL,
            "url": f"{settings.PUBLIC_URL}{item.url}",
            "unsubscribe_url": unsubscribe_url,
            "settings_url": f"{settings.PUBLIC_URL}/notifications/preferences/",
        }
        message = EmailMultiAlternatives(
            subject=" ".join(item.rendered.subject.split()),
            body=render_to_string("delivery/mail.txt", context),
            to=[delivery.email],
            headers={
                "Message-ID": f"<{delivery.id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
                "List-Unsubscribe": f"<{unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string("delivery/mail.html", context), "text/html")
    return message


def build_invitation(email: InvitationEmail) -> EmailMultiAlternatives:
    """Return the email of an invitation: text and HTML, one Message-ID for all attempts."""
    with translation.override(email.language), timezone.override(zone_of(email.time_zone)):
        context = {
            "email": email,
            "name": email.name,
            "cohort": email.cohort_title,
            "role": role_name(email.role),
            "language": email.language,
            "site_url": settings.PUBLIC_URL,
            "url": f"{settings.PUBLIC_URL}{email.link}",
        }
        subject = _("You are invited to %(cohort)s") % {"cohort": email.cohort_title}
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string("delivery/invitation.txt", context),
            to=[email.to],
            headers={
                "Message-ID": f"<{email.id}@{urlsplit(settings.PUBLIC_URL).hostname}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string("delivery/invitation.html", context), "text/html")
    return message
