"""How passwords are hashed, how often they may be tried, and where a person may be sent afterwards."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.http import url_has_allowed_host_and_scheme

from users.ratelimit.rules import Limit, network_of

# Wrong passwords for one account from browsers that never signed in to it.
MAX_PER_ACCOUNT = 10
# Wrong passwords for one account from one browser that did: strangers cannot use these up.
MAX_PER_KNOWN_DEVICE = 10
# Wrong passwords from one address, for whatever accounts. A whole club may sit behind one.
MAX_PER_NETWORK = 60


class Argon2id(Argon2PasswordHasher):
    """The least that OWASP advises: 19 MiB, two passes, one lane."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def sign_in_limits(*, email: str, address: str | None, known_device_id: str | None) -> list[Limit]:
    """What a password for this account, from there, counts against."""
    account = (
        Limit("device", f"{email}\n{known_device_id}", MAX_PER_KNOWN_DEVICE)
        if known_device_id
        else Limit("account", email, MAX_PER_ACCOUNT)
    )
    return [account, Limit("address", network_of(address), MAX_PER_NETWORK)]


def dummy_limit(address: str | None) -> Limit:
    """No limit at all: it is written so that a name without an account costs as much time as one with."""
    return Limit("no account", network_of(address), 1_000_000_000)


def same_site_path(path: str | None) -> str:
    """The path if it stays on this site, else "/"."""
    if not path or not path.startswith("/") or any(ord(character) < 32 for character in path):
        return "/"
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def redirect_path(path: str | None) -> str:
    """The path if it stays on this site and leads somewhere, else "/"."""
    # Back to renewing or signing out would turn in circles.
    next_path = same_site_path(path)
    return "/" if next_path.startswith(("/accounts/renew", "/accounts/log")) else next_path
