"""The API reference page."""
