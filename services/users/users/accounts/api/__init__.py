"""REST API of accounts: the own account, all accounts for owners, and the mirror for other services."""

from __future__ import annotations

from users.accounts.api import internal as _internal
from users.accounts.api import me, people

internal = _internal.urlpatterns
urlpatterns = [*me.urlpatterns, *people.urlpatterns]
