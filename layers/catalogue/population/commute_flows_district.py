"""Commuters from the district they live in to the district they work in (通勤流), from signaling."""

from __future__ import annotations

from dataclasses import replace

from layers.catalogue.population import commute_flows
from layers.layer import Support

LAYER = replace(commute_flows.LAYER, id="commute-flows-district", support=Support("od", ("district",)), order=48)
