"""Finds every layer of the catalogue: one module, one layer, one id."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from layers.layer import Layer
from models.errors import CityhexError, UnknownNameError

CATALOGUE = Path(__file__).resolve().parent / "catalogue"


class RegistryError(CityhexError):
    """A module of the catalogue cannot be imported, or declares no layer or a taken id; the text names it."""


def discover(folder: Path) -> dict[str, Layer]:
    """Import every ``<theme>/<name>.py`` below ``folder`` and collect what each calls ``LAYER``.

    Raises
    ------
    RegistryError : an import fails, ``LAYER`` is absent, its theme is not its folder, or two files share an id
    """
    found: dict[str, Layer] = {}
    origin: dict[str, Path] = {}
    for file in sorted(folder.glob("*/*.py")):
        if file.name.startswith("_"):
            continue
        layer = getattr(_module(folder, file), "LAYER", None)
        if not isinstance(layer, Layer):
            raise RegistryError(f"{file}: it must define LAYER, a layers.layer.Layer; found {layer!r}")
        if layer.theme != file.parent.name:
            raise RegistryError(f"{file}: its layer has the theme {layer.theme!r}; needed: {file.parent.name!r}")
        if layer.id in origin:
            raise RegistryError(f"{file}: the layer id {layer.id!r} is already that of {origin[layer.id]}")
        found[layer.id], origin[layer.id] = layer, file
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def _module(folder: Path, file: Path) -> ModuleType:
    try:
        if folder == CATALOGUE:
            return importlib.import_module(f"layers.catalogue.{file.parent.name}.{file.stem}")
        spec = importlib.util.spec_from_file_location(f"_layers_of_{folder.name}_{file.parent.name}_{file.stem}", file)
        if spec is None or spec.loader is None:
            raise ImportError("not a Python module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    except Exception as error:
        raise RegistryError(f"{file}: cannot be imported: {type(error).__name__}: {error}") from error


@cache
def layers() -> dict[str, Layer]:
    """All layers of the catalogue by id, in the order of the menu."""
    return discover(CATALOGUE)


def layer(layer_id: str) -> Layer:
    """The layer of that id.

    Raises
    ------
    UnknownNameError : there is none; the text lists those that exist
    """
    found = layers().get(layer_id)
    if found is None:
        raise UnknownNameError(f"No layer is called {layer_id!r}; there are: {', '.join(layers())}")
    return found
