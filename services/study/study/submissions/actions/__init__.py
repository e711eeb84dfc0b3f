"""Write operations on pull requests and submissions."""
