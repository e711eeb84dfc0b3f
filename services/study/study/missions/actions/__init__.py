"""Write operations on missions."""
