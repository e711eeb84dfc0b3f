"""Account email. Stored until sent, so the mail server may be unavailable for hours."""
