"""Brings every record onto the supervision grid and onto H3: addresses, grid join, cells, areal weights."""
