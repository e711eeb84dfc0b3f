"""A mail sink: it accepts every mail and shows it on a page."""
