from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notification.settings")
application = get_wsgi_application()

from chassis.web.keys import keys  # noqa: E402
from notification import celery  # noqa: E402, F401 - what requests hurry goes to this service's queue

keys.warm(seconds=10)
