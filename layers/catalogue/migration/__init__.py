"""Layers of the moves between two periods: net rate, and rates in and out in total and by class of origin."""
