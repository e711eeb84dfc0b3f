"""The study service's queue, and every periodic job with its interval."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")
django.setup()

from chassis.queue import application  # noqa: E402

app = application(periodic={})
