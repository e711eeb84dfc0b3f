"""Messages in a cookie of each service's own: the services share a host, but not their signing keys.

A message may have the address that undoes what it says was done.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest


class ServiceCookieStorage(CookieStorage):
    cookie_name = f"{settings.SERVICE}_messages"


def add_undoable(request: HttpRequest, text: str, *, undo: str) -> None:
    """Add a message of success with a button that posts to the path `undo`.

    What is posted there is idempotent, and says that it is undone or why not. For what is undone exactly.
    """
    messages.success(request, text, extra_tags=undo)
