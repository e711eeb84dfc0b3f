"""From nothing to the App, or NotFound."""

from __future__ import annotations

from chassis.web.auth import Principal
from study.cohorts.access import get_or_not_found
from study.installations.models import GitHubApp
from study.memberships.access import require_owner


def app_for_delivery() -> GitHubApp:
    """Return the App that GitHub posts for; who may is decided by the signature. One query."""
    return get_or_not_found(GitHubApp.objects.all(), id=GitHubApp.ONLY)


def app_for_owner(principal: Principal) -> GitHubApp:
    """Return the App for an owner of the installation. One query."""
    require_owner(principal)
    return get_or_not_found(GitHubApp.objects.all(), id=GitHubApp.ONLY)
