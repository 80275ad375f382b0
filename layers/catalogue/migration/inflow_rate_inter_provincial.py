"""Inflow rate, other provinces (迁入率（省际）): people who moved in per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("inflow-rate-inter-provincial", "in", 62, "inter_provincial")
