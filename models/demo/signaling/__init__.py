"""The labelled signaling of the generated city: three periods of events as an operator delivers them, and the truth.

`write_signaling` draws everybody (`people`), a network (`towers`), each day of each person (`diaries`), the events of a
date (`events`), what real deliveries suffer from (`dirt`), and writes files by date; memory holds one day.
"""

from models.demo.signaling.writing import PRESETS, Preset, write_signaling

__all__ = ["PRESETS", "Preset", "write_signaling"]
