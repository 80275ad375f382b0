"""Every layer of the map, one module each, by theme; `layers.registry` finds and checks them."""
