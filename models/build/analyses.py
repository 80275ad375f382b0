"""The computed products of a build: what each analysis needs and makes."""
ANALYSES = ()
