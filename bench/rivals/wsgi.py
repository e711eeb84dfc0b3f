"""The WSGI application of a rival on Django. RIVAL names the module of its URLs."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from rivals.tokens import keys

application = get_wsgi_application()
keys()
