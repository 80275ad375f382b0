"""Outflow rate, other districts (迁出率（市内）): people who moved out per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("outflow-rate-intra-city", "out", 68, "intra_city")
