"""Forms of submissions."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_LINK_LENGTH = 500


class LinkForm(forms.Form):
    """A link to a pull request."""

    link = forms.CharField(
        label=_("Link to your pull request"),
        help_text=_("The address of its page on GitHub."),
        max_length=MAX_LINK_LENGTH,
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )


class MatchForm(forms.Form):
    """Whose pull request it is."""

    member = forms.TypedChoiceField(
        label=_("Whose submission is it?"), error_messages={"required": _("Choose a member.")}
    )

    def __init__(self, members: Iterable[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a member")), *members]
