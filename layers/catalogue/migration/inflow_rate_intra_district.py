"""Inflow rate, other towns of the district (迁入率（区内）): people who moved in per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("inflow-rate-intra-district", "in", 64, "intra_district")
