"""Rate limits for attempts."""
