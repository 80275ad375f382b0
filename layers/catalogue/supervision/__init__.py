"""Market supervision: levels, warnings, clusters, inspections."""
