"""Form of a chat webhook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from chassis.names import check_name
from notification.outgoing.client import MAX_URL_LENGTH

NAME_LENGTH = 60


class WebhookForm(forms.Form):
    """A webhook for the whole cohort, or for a part."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        validators=[check_name],
        help_text=_("Such as the channel, for this list."),
    )
    url = forms.CharField(
        label=_("Webhook URL"),
        max_length=MAX_URL_LENGTH,
        help_text=_("Of Discord (channel settings → Integrations) or Slack (Incoming Webhooks)."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    part_id = forms.TypedChoiceField(label=_("For"), required=False, coerce=UUID, empty_value=None)

    def __init__(self, *args: Any, parts: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["part_id"]
        field.choices = [("", _("Everyone")), *((str(key), name) for key, name in parts.items())]  # type: ignore[attr-defined]
