"""A service of nothing but the chassis, for its own tests."""

from __future__ import annotations

from chassis import env, settings_base

SERVICE = "study"
DEBUG = False
PUBLIC_URL = settings_base.public_url()
SECRET_KEY = env.secret("SECRET_KEY")
FIELD_KEYS = env.list_of("FIELD_KEY")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
JWKS_LOADER = "chassis.web.jwks.fetch_over_http"
ACCOUNT_IS_CLOSED = "tests.stand_in.is_closed"
EXPORT_PERSONAL_DATA = "tests.stand_in.export_personal_data"
DELETE_PERSONAL_DATA = "tests.stand_in.delete_personal_data"
MIRRORS = {"accounts": ("users", "chassis.personal_data.handlers.upsert_account")}
TOKEN_COOKIE = "seodang"

DATABASES = {"default": env.database()}
BROKER_URL = env.url("BROKER_URL")
BROKER_TLS = env.tls_files("BROKER_SSL")
PEER_BROKER_URLS: dict[str, str] = {}
CONSUMERS = settings_base.consumers(SERVICE)
SUBSCRIPTIONS = "tests.stand_in.SUBSCRIPTIONS"
MAX_EVENT_ATTEMPTS = 3
CELERY = "tests.celery"
SCHEDULE_SCALE = 1
RELAY_POLL = 0.05
RELAY_MAX_WAIT = 60
METRICS_PORT = 0
GAUGES = settings_base.GAUGES

INSTALLED_APPS = [*settings_base.APPS, *settings_base.ACCOUNT_APPS]
MIDDLEWARE = settings_base.MIDDLEWARE
TEMPLATES = settings_base.templates()
REST_FRAMEWORK = settings_base.REST_FRAMEWORK
SPECTACULAR_SETTINGS = settings_base.openapi(SERVICE)
CONTENT_SECURITY_POLICY = {"DIRECTIVES": settings_base.CSP_DIRECTIVES}
ROOT_URLCONF = "tests.stand_in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["testserver"]
CSRF_FAILURE_VIEW = "chassis.web.problems.csrf_failure"
MESSAGE_STORAGE = "chassis.web.messages.ServiceCookieStorage"
LANGUAGES = settings_base.LANGUAGES
LANGUAGE_CODE = settings_base.LANGUAGE_CODE
TIME_ZONE = settings_base.TIME_ZONE
USE_TZ = True
STATIC_URL = "/static/study/"
