"""Layers of the register: where subjects are, how many, of what industry and size, and how well they are placed."""
