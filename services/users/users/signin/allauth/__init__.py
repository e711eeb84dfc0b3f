"""allauth adapters."""
