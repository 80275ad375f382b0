"""Outflow rate, abroad (迁出率（境外）): people who moved out per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("outflow-rate-international", "out", 70, "international")
