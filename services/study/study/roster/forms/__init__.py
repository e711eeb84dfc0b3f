"""Forms of the roster: a file or a text, its table, and the people in it."""
