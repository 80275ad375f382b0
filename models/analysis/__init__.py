"""Indicators computed from the city's records: pure functions, frame in, frame out.

Each states its formula and source, conserves what it counts, and leaves null what it cannot know.
"""
