"""From nothing to the App, or NotFound."""

from __future__ import annotations

from study.cohorts.access import get_or_not_found
from study.installations.models import GitHubApp


def app_for_delivery() -> GitHubApp:
    """Return the App that GitHub posts for; who may is decided by the signature. One query."""
    return get_or_not_found(GitHubApp.objects.all(), id=GitHubApp.ONLY)
