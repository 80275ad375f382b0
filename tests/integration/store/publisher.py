"""Publishes builds one after another until it is killed; run by the tests in a process of its own.

Every row of build n holds n as its capital, so a half build shows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models.settings import Settings
from models.store import Store


def frames(number: int, rows: int) -> dict[str, pd.DataFrame]:
    """Tables of build ``number``: its rows stand at places of its own, so that the R-tree moves too."""
    rng = np.random.default_rng(number)
    n = rows + number % 7
    persons = pd.DataFrame(
        {
            "uscc": [f"9150{i:014d}" for i in range(n)],
            "name": [f"第{number}版{i}号企业" for i in range(n)],
            "capital_cny": float(number),
            "lon": rng.uniform(106, 107, n),
            "lat": rng.uniform(28, 29, n),
            "located": True,
            "outside": True,
            "source_id": "s",
            "source_file": "f",
            "source_row": np.arange(n) + 2,
        }
    )
    return {"legal_persons": persons}


def publish_forever(settings: Settings, city: str, first: int, rows: int, telling: Any) -> None:
    """Publish builds from ``first`` on; each number is sent through the pipe ``telling`` before its build."""
    home = settings.home
    with Store.open(city, settings) as store:
        number = first
        while True:
            path = home / f"product-{number}.parquet"
            pd.DataFrame({"build": [number] * 100}).to_parquet(path)
            telling.send(number)
            store.publish(f"b{number}", {"number": number}, frames(number, rows), {"p": path})
            path.unlink()
            number += 1


if __name__ == "__main__":
    publish_forever(*globals()["ARGUMENTS"])
