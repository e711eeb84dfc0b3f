"""Password hashing, sign-in limits and safe redirects."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.http import url_has_allowed_host_and_scheme

from users.ratelimit.rules import Limit, network_of

# Wrong passwords for an account from browsers that never signed in to it.
MAX_PER_ACCOUNT = 10
# Wrong passwords for an account from a browser that has: others cannot use these up.
MAX_PER_KNOWN_DEVICE = 10
# Wrong passwords from one network, for any accounts. A whole club may share one address.
MAX_PER_NETWORK = 60


class Argon2id(Argon2PasswordHasher):
    """Argon2id with OWASP's minimum: 19 MiB, two iterations, one lane."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def sign_in_limits(*, email: str, address: str | None, known_device_id: str | None) -> list[Limit]:
    """Return the limits that a sign-in attempt counts against."""
    account = (
        Limit("device", f"{email}\n{known_device_id}", MAX_PER_KNOWN_DEVICE)
        if known_device_id
        else account_limit(email)
    )
    return [account, Limit("address", network_of(address), MAX_PER_NETWORK)]


def account_limit(email: str) -> Limit:
    """Return the limit of an account for browsers that never signed in to it."""
    return Limit("account", email, MAX_PER_ACCOUNT)


def dummy_limit(address: str | None) -> Limit:
    """Return an unreachable limit, counted for unknown accounts so that timing does not reveal them."""
    return Limit("no account", network_of(address), 1_000_000_000)


def same_site_path(path: str | None) -> str:
    """Return the path if it stays on this site, else "/"."""
    if not path or not path.startswith("/") or any(ord(character) < 32 for character in path):
        return "/"
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


def redirect_path(path: str | None) -> str:
    """Return the path if it stays on this site and is no renewal, sign-in or sign-out page, else "/"."""
    # Redirects back to these would loop.
    next_path = same_site_path(path)
    return "/" if next_path.startswith(("/accounts/renew", "/accounts/log")) else next_path
