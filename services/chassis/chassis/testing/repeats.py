"""What a repeated submit needs and may change: forms with an idempotency key, and counts of rows."""

from __future__ import annotations

import re
from pathlib import Path

# A form element, or the tag `form` of the look, whose action is a URL's name and arguments.
_FORM = re.compile(r"<form\b.*?</form>|{% form .*?%}", re.DOTALL)
_ACTION = re.compile(r'action="({%.*?%}|.*?)"|{% form \w+ ("[^=]*)(?= \w+=| %})')


def forms_without_key(package: Path) -> set[str]:
    """A package's POST forms that carry no idempotency key: each its template, and its action if given."""
    found = set()
    for template in package.rglob("templates/**/*.html"):
        name = template.relative_to(next(path for path in template.parents if path.name == "templates"))
        for form in _FORM.findall(template.read_text()):
            if "idempoten" not in form and ('method="post"' in form or form.startswith("{%")):
                action = _ACTION.search(form.partition("{% csrf_token %}")[0])
                found.add(f"{name} {(action[1] or action[2]) if action else ''}".strip())
    return found


def row_counts() -> dict[str, int]:
    """How many rows each table of this service has, by model; the idempotency records left out."""
    from django.apps import apps

    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label != "idempotency"
    }
