from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")
application = get_wsgi_application()

from chassis.web.health import watch_database  # noqa: E402
from chassis.web.jwks import keys  # noqa: E402

watch_database()
keys.warm(seconds=10)
