"""Django's settings for the rivals that use it: no middleware, and connections that are kept."""

from __future__ import annotations

import os
from typing import Any

SECRET_KEY = "only-for-the-benchmark-0123456789"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["rest_framework", "rivals"]
ROOT_URLCONF = os.environ.get("RIVAL", "rivals.floor")
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None

_MYSQL: dict[str, Any] = {
    "ENGINE": "django.db.backends.mysql",
    "HOST": os.environ.get("DATABASE_HOST"),
    "PORT": os.environ.get("DATABASE_PORT", "3306"),
    "NAME": os.environ.get("DATABASE_NAME"),
    "USER": os.environ.get("DATABASE_USER"),
    "PASSWORD": os.environ.get("DATABASE_PASSWORD"),
    "OPTIONS": {"charset": "utf8mb4", "isolation_level": "read committed", "ssl_mode": "DISABLED"},
}
_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("DATABASE_PATH"),
    "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON"},
}
DATABASES = {
    "default": {**(_MYSQL if "DATABASE_HOST" in os.environ else _SQLITE), "CONN_MAX_AGE": None},
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rivals.drf_authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
