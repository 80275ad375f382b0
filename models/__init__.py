"""Turns what a city sends into trusted tables and computed indicators.

Two meanings share this package and sit on two shelves: ``models.tables`` is what the city *records* (ORM classes and
their migrations), ``models.analysis`` is what we *compute* from it (pure functions, frame in, frame out).
"""
