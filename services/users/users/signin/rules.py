"""How passwords are hashed, how often they may be tried, and where a person may be sent afterwards."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.http import url_has_allowed_host_and_scheme

from users.limits.rules import Limit, network_of

# Wrong passwords for one account from browsers that never signed in to it.
FROM_STRANGERS = 10
# Wrong passwords for one account from one browser that did: strangers cannot use these up.
FROM_KNOWN_DEVICE = 10
# Wrong passwords from one address, for whatever accounts. A whole club may sit behind one.
FROM_ADDRESS = 60


class Argon2id(Argon2PasswordHasher):
    """The least that OWASP advises: 19 MiB, two passes, one lane."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def sign_in_limits(*, email: str, address: str | None, known_device: str | None) -> list[Limit]:
    """What a password for this account, from there, counts against."""
    account = (
        Limit("device", f"{email}\n{known_device}", FROM_KNOWN_DEVICE)
        if known_device
        else Limit("account", email, FROM_STRANGERS)
    )
    return [account, Limit("address", network_of(address), FROM_ADDRESS)]


def nobodys(address: str | None) -> Limit:
    """No limit at all: it is written so that a name without an account costs as much time as one with."""
    return Limit("nobody", network_of(address), 1_000_000_000)


def path_here(path: str | None) -> str:
    """The path if it stays on this site, else "/"."""
    if not path or not path.startswith("/") or any(ord(sign) < 32 for sign in path):
        return "/"
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def local_path(path: str | None) -> str:
    """The path if it stays on this site and leads somewhere, else "/"."""
    # Back to renewing or signing out would turn in circles.
    there = path_here(path)
    return "/" if there.startswith(("/accounts/renew", "/accounts/log")) else there
