"""Write operations on personal repositories."""
