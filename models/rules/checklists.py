"""The catalogue of check items (抽查事项清单): which item belongs to which library, and the questions of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from models.contracts.records import LIBRARIES
from models.errors import RequestError, UnknownNameError
from models.rules import reviewed

FILE = reviewed.FOLDER / "checklists.toml"
RESULTS = ("none_found", "rectify", "penalty", "unreachable", "transferred")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Frozen):
    """One question of an item; answered by in order, fault, or not applicable."""

    code: str
    text: dict[str, str]


class Item(_Frozen):
    """One check item with its library, legal basis, questions and the results it may have."""

    code: str
    library: str
    name: dict[str, str]
    legal_basis: dict[str, str]
    results: tuple[str, ...]
    questions: tuple[Question, ...]


class Library(_Frozen):
    """Which subjects a library holds: everyone, those of some industry sections, places of business; besides, whoever
    has a licence of it."""

    name: dict[str, str]
    everyone: bool = False
    sections: tuple[str, ...] = ()
    premises: bool = False


class Catalogue(_Frozen):
    """All libraries and items, and the items a warning of a theme asks for."""

    version: str
    valid_from: dt.date
    author: str
    libraries: dict[str, Library]
    items: tuple[Item, ...]
    by_theme: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _whole(self) -> Catalogue:
        if unknown := sorted(set(self.libraries) - set(LIBRARIES)):
            raise ValueError(f"libraries of {', '.join(LIBRARIES)}; not {', '.join(unknown)}")
        codes = [item.code for item in self.items]
        questions = [question.code for item in self.items for question in item.questions]
        if len(codes) != len(set(codes)) or len(questions) != len(set(questions)):
            raise ValueError("every item and every question once")
        for item in self.items:
            if item.library not in self.libraries or not set(item.results) <= set(RESULTS):
                raise ValueError(f"item {item.code} with a library of this file and results of {', '.join(RESULTS)}")
        if missing := sorted({code for named in self.by_theme.values() for code in named} - set(codes)):
            raise ValueError(f"themes with items of this file; not {', '.join(missing)}")
        return self

    def item(self, code: str) -> Item:
        """The item of that code; raises UnknownNameError where there is none."""
        for item in self.items:
            if item.code == code:
                return item
        raise UnknownNameError(f"there is no check item {code}; there are {', '.join(i.code for i in self.items)}")

    def libraries_of(
        self, section: str | None, licensed: Collection[str] = (), *, premises: bool = False
    ) -> frozenset[str]:
        """Libraries a subject belongs to.

        Parameters
        ----------
        section : its industry section, A to T
        licensed : libraries of the licences it holds
        premises : whether it is a place of business instead of a legal person
        """
        found = {
            name
            for name, library in self.libraries.items()
            if library.everyone or (section in library.sections) or (premises and library.premises)
        }
        return frozenset(found | (set(licensed) & set(self.libraries)))

    def allowed(self, libraries: Collection[str]) -> tuple[Item, ...]:
        """Items that may be checked at a subject of these libraries."""
        return tuple(item for item in self.items if item.library in libraries)

    def need_allowed(self, code: str, libraries: Collection[str], subject_id: str) -> Item:
        """The item of that code where the subject's libraries hold it.

        Raises
        ------
        UnknownNameError : no such item
        RequestError : an item of another library
        """
        item = self.item(code)
        if item.library not in libraries:
            own = ", ".join(sorted(libraries))
            raise RequestError(
                f"item {code} belongs to the library {item.library}; {subject_id} is in {own}. Choose an item of those."
            )
        return item


@cache
def load_checklists(path: Path = FILE) -> Catalogue:
    """Read and check the catalogue.

    Raises
    ------
    ConfigError : which value is not allowed
    """
    return reviewed.read(path, Catalogue)
