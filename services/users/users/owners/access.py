"""Who may run the installation: owners; and, while there is none, whoever can read its log."""

from __future__ import annotations

import base64

from django.utils.crypto import salted_hmac

from chassis.errors import NotFound
from users.accounts.queries import has_owner


def setup_code() -> str:
    """The code by which the first owner shows that the machine is theirs. Worthless afterwards."""
    digest = salted_hmac("users.owners.setup", "first owner", algorithm="sha256").digest()
    characters = base64.b32encode(digest).decode()[:12]
    return "-".join((characters[:4], characters[4:8], characters[8:]))


def require_unclaimed() -> None:
    """NotFound once somebody owns the place."""
    if has_owner():
        raise NotFound
