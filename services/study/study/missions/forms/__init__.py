"""Forms of missions."""
