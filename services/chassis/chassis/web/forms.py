"""Page views: submit a form to an action, and ask before an action that cannot be undone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from chassis.errors import DomainError

Result = TypeVar("Result")


class PreviewedForm(Form):
    """A form whose content is shown before it is saved: its page posts `digest` as `seen`."""

    @property
    def digest(self) -> str:
        """Return a hash of the content. The form must be valid."""
        return hashlib.sha256(json.dumps(self.cleaned_data, default=str).encode()).hexdigest()

    @property
    def is_previewed(self) -> bool:
        """Return True if exactly this content was shown. The form must be valid."""
        return bool(self.data.get("seen") == self.digest)


def handle_form(form: Form, action: Callable[..., Result], **arguments: Any) -> Result | None:
    """Call the action with the arguments and the data of a valid form; return its result.

    Return None if the form is unbound or invalid, or if the action raised a DomainError: the form then shows
    it at its field, or above all fields. The action must return something, such as its row.
    """
    if not form.is_valid():
        return None
    try:
        return action(**arguments, **form.cleaned_data)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None


def render_confirmation(
    request: HttpRequest,
    *,
    title: str,
    button: str | Promise,
    back: str,
    text: str | Promise = "",
    lines: Sequence[str] = (),
    form: Form | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Ask before an action: the form posts to the same URL, and `back` is the page for not doing it.

    `text` is a paragraph, `lines` are a list; `form` adds fields, such as a password.
    """
    page = {"title": title, "text": text, "lines": lines, "button": button, "back": back, "form": form}
    return render(request, "look/confirm.html", {**context, **page}, status=status)
