"""A city's profile: what an official wrote down about the city and its files.

A profile is a folder with ``city.toml`` and ``sources/<id>.toml``. Everything that differs between two cities
stands there; a value is a number, a name or a list, never an expression.
"""

from models.profile.city import City, GridScheme, ProfileError, View, city_names, load_city
from models.profile.manifest import Indicator, Source
from models.profile.staff import Person, load_staff

__all__ = [
    "City", "GridScheme", "Indicator", "Person", "ProfileError", "Source", "View", "city_names", "load_city",
    "load_staff",
]  # fmt: skip
