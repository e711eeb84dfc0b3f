"""Accounts by REST: one's own, everyone's for owners, and all of them for the other services."""

from __future__ import annotations

from users.accounts.api import internal as _internal
from users.accounts.api import me, people

internal = _internal.urlpatterns
urlpatterns = [*me.urlpatterns, *people.urlpatterns]
