"""The manifest from which GitHub creates the App. Pure functions."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

# What GitHub asks the owner and the organizations to grant.
PERMISSIONS = {"metadata": "read", "contents": "read", "pull_requests": "read", "checks": "write"}
EVENTS = ["pull_request", "pull_request_review", "check_suite", "check_run", "repository"]
PUBLIC_GITHUB = "https://github.com"
# GitHub's limit.
MAX_NAME_LENGTH = 34
# Domains that no public name server answers for (RFC 6761, 6762, 8375 and ICANN's "internal").
_PRIVATE_DOMAINS = ("localhost", "local", "internal", "test", "invalid", "example", "home.arpa", "lan")


def is_reachable(public_url: str, github_url: str) -> bool:
    """Return whether the GitHub at `github_url` can send deliveries to `public_url`.

    An Enterprise Server may be in the same network, so that only this machine's own names exclude it.
    """
    host = urlsplit(public_url).hostname or ""
    is_public_github = github_url == PUBLIC_GITHUB
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost" or host.endswith(".localhost"):
            return False
        is_resolvable = not is_public_github or "." in host.strip(".")
        return is_resolvable and not (
            is_public_github and any(host.endswith(f".{domain}") for domain in _PRIVATE_DOMAINS)
        )
    return address.is_global if is_public_github else not (address.is_loopback or address.is_unspecified)


def create_manifest(
    *, public_url: str, paths: dict[str, str], has_webhook: bool, is_public: bool
) -> dict[str, Any]:
    """Return the manifest. `paths` are those of `hook`, `redirect`, `setup` and `oauth`.

    GitHub refuses a webhook address that it cannot reach, even of an inactive webhook, and a webhook
    without an address: then the manifest has none, and GitHub creates the App without.
    """
    manifest: dict[str, Any] = {
        "name": f"Seodang {urlsplit(public_url).hostname}"[:MAX_NAME_LENGTH],
        "url": public_url,
        "redirect_url": f"{public_url}{paths['redirect']}",
        "callback_urls": [f"{public_url}{paths['oauth']}"],
        "setup_url": f"{public_url}{paths['setup']}",
        "setup_on_update": True,
        "public": is_public,
        "default_permissions": PERMISSIONS,
    }
    if has_webhook:
        manifest["hook_attributes"] = {"url": f"{public_url}{paths['hook']}", "active": True}
        manifest["default_events"] = EVENTS
    return manifest
