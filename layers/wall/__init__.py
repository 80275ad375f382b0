"""The wall: scenes for a display that runs unattended, built from the same products and functions as the pages."""
