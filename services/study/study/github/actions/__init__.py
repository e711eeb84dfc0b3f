"""Write operations on hooks, repositories and pull requests."""
