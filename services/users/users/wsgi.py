from __future__ import annotations

import os

import structlog
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "users.settings")
application = get_wsgi_application()

from chassis.web.health import watch_database  # noqa: E402
from users.accounts.queries import has_owner  # noqa: E402
from users.keys.actions import ensure_key  # noqa: E402
from users.owners.access import setup_code, setup_link  # noqa: E402

watch_database()
try:
    # Create the first key before the first token is requested, so that verifiers find it.
    ensure_key(at=timezone.now())
    if not has_owner():
        structlog.get_logger().warning("nobody_owns_this_installation", visit=setup_link(), code=setup_code())
except DatabaseError as error:
    structlog.get_logger().error("database_not_ready", error=str(error))
