"""Authorise services by credential."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotAllowed


class InvalidCredential(DomainError):
    code = "invalid_credential"
    title = _("There is no such service, or its credential is another.")
    status = 401


def authorise_service(*, service: str, secret: str, audience: str) -> None:
    """Raise InvalidCredential unless the credential is right, NotAllowed for other audiences."""
    known = settings.SERVICE_SECRETS.get(service, "")
    if not known or not hmac.compare_digest(known.encode(), secret.encode()):
        raise InvalidCredential
    if audience not in settings.SERVICE_AUDIENCES.get(service, []):
        raise NotAllowed
