"""Outflow rate, other towns of the district (迁出率（区内）): people who moved out per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("outflow-rate-intra-district", "out", 69, "intra_district")
