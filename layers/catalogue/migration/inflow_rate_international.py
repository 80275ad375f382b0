"""Inflow rate, abroad (迁入率（境外）): people who moved in per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("inflow-rate-international", "in", 65, "international")
