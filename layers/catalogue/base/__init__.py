"""Outlines that tell where one is: districts and supervision grid cells."""
