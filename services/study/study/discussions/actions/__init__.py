"""Actions on changed files and on what is said about them."""
