"""Inflow rate, other districts (迁入率（市内）): people who moved in per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("inflow-rate-intra-city", "in", 63, "intra_city")
