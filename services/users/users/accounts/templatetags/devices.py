"""The filter `device_name`."""

from __future__ import annotations

from django import template

from users.accounts.rules import device_name

register = template.Library()
register.filter(device_name)
