"""Outflow rate, other provinces (迁出率（省际）): people who moved out per mean resident."""

from __future__ import annotations

from layers import moves

LAYER = moves.rate_layer("outflow-rate-inter-provincial", "out", 67, "inter_provincial")
