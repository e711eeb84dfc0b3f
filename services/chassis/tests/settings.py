"""A service of nothing but the chassis, for its own tests."""

from __future__ import annotations

from chassis import env, house

SERVICE = "study"
DEBUG = False
PUBLIC_URL = house.public_url()
SECRET_KEY = env.secret("SECRET_KEY")
FIELD_KEYS = env.listing("FIELD_KEY")
SERVICE_SECRET = env.secret("SERVICE_SECRET")
USERS_URL = env.url("USERS_URL")
KEYS_FROM = "chassis.web.keys.fetch_over_http"
ACCOUNT_IS_CLOSED = "tests.stand_in.is_closed"
TOKEN_COOKIE = "seodang"

DATABASES = {"default": env.database()}
BROKER_URL = env.url("BROKER_URL")
BROKER_TLS = env.tls_files("BROKER_SSL")
BROKER_EDGES: dict[str, str] = {}
CONSUMERS = house.consumers(SERVICE)
SUBSCRIPTIONS = "tests.stand_in.SUBSCRIPTIONS"
EVENT_TRIES = 3
CELERY = "tests.celery"
SCHEDULE_SCALE = 1
RELAY_POLL = 0.05
RELAY_LONGEST_WAIT = 60
METRICS_PORT = 0
GAUGES = house.GAUGES

INSTALLED_APPS = house.APPS
MIDDLEWARE = house.MIDDLEWARE
TEMPLATES = [
    {**house.templates()[0], "DIRS": [str(house.CONTRACTS.parent / "chassis" / "tests" / "templates")]},
]
REST_FRAMEWORK = house.REST_FRAMEWORK
SPECTACULAR_SETTINGS = house.openapi(SERVICE)
CONTENT_SECURITY_POLICY = {"DIRECTIVES": house.CSP_DIRECTIVES}
ROOT_URLCONF = "tests.stand_in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["testserver"]
CSRF_FAILURE_VIEW = "chassis.web.problems.csrf_failure"
MESSAGE_STORAGE = "chassis.web.messages.ServiceCookieStorage"
LANGUAGES = house.LANGUAGES
LANGUAGE_CODE = house.LANGUAGE_CODE
TIME_ZONE = house.TIME_ZONE
USE_TZ = True
STATIC_URL = "/static/study/"
