"""Templates, tags, stylesheet and script of all pages."""
