"""Read models of missions."""
