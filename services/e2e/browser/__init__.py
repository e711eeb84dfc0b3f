"""The whole product in Chromium, at phone and desktop width, in light and dark mode."""
