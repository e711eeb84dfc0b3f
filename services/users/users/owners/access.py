"""Access to the set-up of the first owner."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from django.conf import settings
from django.utils.crypto import salted_hmac

from chassis.errors import NotFound
from users.accounts.queries import has_owner


def setup_code() -> str:
    """Return the code for the set-up of the first owner, derived from SECRET_KEY and printed in the log."""
    digest = salted_hmac("users.owners.setup", "first owner", algorithm="sha256").digest()
    characters = base64.b32encode(digest).decode()[:12]
    return "-".join((characters[:4], characters[4:8], characters[8:]))


def setup_link() -> str:
    """Return the address of the set-up, with the code."""
    return f"{settings.PUBLIC_URL}/accounts/setup/?{urlencode({'code': setup_code()})}"


def require_unclaimed() -> None:
    """Raise NotFound if the installation has an owner."""
    if has_owner():
        raise NotFound
