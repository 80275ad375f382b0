"""The routes a browser and other programs call: map data, open data, health, and how a fault is answered."""
