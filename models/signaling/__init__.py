"""From raw mobile-signaling events to the population a planner can trust.

Per-user rows live in a work area of their own and never in the store; only protected aggregates leave this package.

``events -> flags -> segments -> hours -> labels -> cubes``. The service day starts at 04:00 local time, each day is
computed by itself and joined to its neighbours by bridges, so that days can come in any order and one more day does
not compute the others again.
"""
