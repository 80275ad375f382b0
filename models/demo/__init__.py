"""The labelled synthetic city: files such as a city would send for the geography of Qijiang, and the truth
beside them.

Each part of the city draws from a random stream of its own name (`models.demo.streams`), so that a new part, for
example signaling or inspections, leaves the others as they are. Draw the city with `draw_city`, write it with
`write_city`.
"""

from models.demo.city import FIRMS, SEED, DemoCity, draw_city, write_city

__all__ = ["FIRMS", "SEED", "DemoCity", "draw_city", "write_city"]
