"""A service's name and credential → the peer that it may call."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError, NotAllowed


class WrongCredential(DomainError):
    code = "wrong_credential"
    title = _("There is no such service, or its credential is another.")
    status = 401


def peer_to_call(audience: str, *, service: str, secret: str) -> str:
    """The audience, for a service that shows its credential. WrongCredential; NotAllowed for other peers."""
    known = settings.SERVICE_SECRETS.get(service, "")
    if not known or not hmac.compare_digest(known.encode(), secret.encode()):
        raise WrongCredential
    if audience not in settings.SERVICE_AUDIENCES.get(service, []):
        raise NotAllowed
    return audience
