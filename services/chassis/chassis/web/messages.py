"""Messages in a cookie of each service's own: the services share a host, but not their signing keys."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class ServiceCookieStorage(CookieStorage):
    cookie_name = f"{settings.SERVICE}_messages"
