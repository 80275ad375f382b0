"""Where things are on this machine: the one place that reads the environment."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.errors import ConfigError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh-Hans", "en")
ACCESS = ("embedded", "proxy")
CLUSTERS = ("spark://", "yarn", "k8s://", "local[")


@dataclass(frozen=True)
class Settings:
    """Settings of one process; made once by `load` and passed on as an argument.

    Attributes
    ----------
    home : folder that holds all state: databases, products, generated files (``CITYHEX_HOME``, default ``var/``)
    shared : folder with real data for local runs (``CITYHEX_SHARED``, default ``../shared``); may be absent
    profiles : folder with the city profiles (``CITYHEX_PROFILES``, default ``data/cities``)
    database_url : SQLAlchemy address of a PostGIS database (``CITYHEX_DB``), or None for the embedded GeoPackage
    language : language of the terminal and first language of the pages (``CITYHEX_LANG``)
    access : "embedded" for one person at this machine, "proxy" where a reverse proxy has asked for the login
        (``CITYHEX_ACCESS``)
    user_header : header in which the reverse proxy names the person (``CITYHEX_USER_HEADER``); it must take the header
        out of what browsers send
    spark : address of the Spark cluster that computes signaling where a city says so (``CITYHEX_SPARK``), or None
    """

    home: Path
    shared: Path
    profiles: Path
    database_url: str | None = None
    language: str = "zh-Hans"
    access: str = "embedded"
    user_header: str = "X-Remote-User"
    spark: str | None = None

    def city_home(self, city_id: str) -> Path:
        """Folder with the state of one city; not created here."""
        return self.home / city_id

    def person_key(self) -> bytes:
        """Key of the keyed hash that stands for a person's name; made once per home and readable by its owner only.

        ``CITYHEX_PERSON_KEY`` is not kept in this object so that it never shows in a log of the settings.
        """
        return self._key("CITYHEX_PERSON_KEY", "person.key")

    def wall_key(self) -> bytes:
        """Key that signs the tokens of wall displays; made and kept as `person_key`, or ``CITYHEX_WALL_KEY``.

        Another key ends every token that was made with the one before.
        """
        return self._key("CITYHEX_WALL_KEY", "wall.key")

    def noise_key(self) -> bytes:
        """Key of the stable noise of open copies; made and kept as `person_key`, or ``CITYHEX_NOISE_KEY``.

        It must never change once a copy is public: two copies with other noise let it be averaged away.
        """
        return self._key("CITYHEX_NOISE_KEY", "noise.key")

    def _key(self, variable: str, file: str) -> bytes:
        from_env = os.environ.get(variable)
        if from_env:
            return from_env.encode()
        path = self.home / file
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            try:
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return path.read_bytes()
            with os.fdopen(fd, "wb") as handle:
                handle.write(secrets.token_hex(32).encode())
        return path.read_bytes()


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Parameters
    ----------
    env : mapping to read instead of the process's environment

    Raises
    ------
    ConfigError : a variable holds a value that is not allowed
    """
    values = os.environ if env is None else env
    url = values.get("CITYHEX_DB") or None
    if url is not None and not url.startswith("postgresql+psycopg://"):
        shown = url.split("@")[-1]
        raise ConfigError("environment", "CITYHEX_DB", shown, "postgresql+psycopg://user@host/database, or unset")
    language = values.get("CITYHEX_LANG", "zh-Hans")
    if language not in LANGUAGES:
        raise ConfigError("environment", "CITYHEX_LANG", language, LANGUAGES)
    access = values.get("CITYHEX_ACCESS", "embedded")
    if access not in ACCESS:
        raise ConfigError("environment", "CITYHEX_ACCESS", access, ACCESS)
    header = values.get("CITYHEX_USER_HEADER", "X-Remote-User")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", header):
        raise ConfigError("environment", "CITYHEX_USER_HEADER", header, "the name of an HTTP header")
    spark = values.get("CITYHEX_SPARK") or None
    if spark is not None and not spark.startswith(CLUSTERS):
        raise ConfigError("environment", "CITYHEX_SPARK", spark, f"an address that begins with {', '.join(CLUSTERS)}")
    return Settings(
        home=_folder(values.get("CITYHEX_HOME"), PROJECT_ROOT / "var"),
        shared=_folder(values.get("CITYHEX_SHARED"), PROJECT_ROOT.parent / "shared"),
        profiles=_folder(values.get("CITYHEX_PROFILES"), PROJECT_ROOT / "data" / "cities"),
        database_url=url,
        language=language,
        access=access,
        user_header=header,
        spark=spark,
    )


def _folder(value: str | None, default: Path) -> Path:
    return Path(value).expanduser().resolve() if value else default
