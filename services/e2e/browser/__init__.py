"""The whole product in Chromium, as people use it: at phone and desk width, in light and dark."""
