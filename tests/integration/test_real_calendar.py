"""The real register of Chongqing: its Spring Festival and its batch days are no news."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.analysis.clusters.alarms import area_alarms
from models.analysis.clusters.calendar import Calendar, batch_weights
from models.analysis.clusters.study import day_numbers
from models.profile import load_city
from models.settings import load
from models.sources.reading import read_source

pytestmark = pytest.mark.realdata
CALENDAR = Calendar.load()
