"""The pages: the only place besides the server that knows Dash."""

from layers.pages.shell import mount

__all__ = ["mount"]
