"""Closing an account and erasing its data."""
