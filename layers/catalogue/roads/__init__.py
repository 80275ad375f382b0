"""Layers of the theme roads (道路): speeds of main roads by hour from protected signaling."""
