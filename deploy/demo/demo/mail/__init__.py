"""A mail server that delivers nothing: it takes every mail and shows it on a page."""
