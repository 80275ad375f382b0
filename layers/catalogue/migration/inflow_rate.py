"""Inflow rate (迁入率): people who moved in per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("inflow-rate", "in", 61)
