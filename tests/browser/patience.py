"""How long a browser test waits for a condition: a busy machine is slow; what never comes is a fault all the same."""

from __future__ import annotations

PATIENCE_S = 120.0
PATIENCE_MS = 120_000
