"""Outflow rate (迁出率): people who moved out per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("outflow-rate", "out", 66)
