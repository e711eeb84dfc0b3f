"""Read models of the home pages."""
