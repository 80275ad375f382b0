"""Layers of the censuses: residents, their change, and subjects beside residents."""
