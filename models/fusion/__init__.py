"""Brings every record onto the supervision grid and onto H3: address matching, grid join, cells, areal
weights."""
