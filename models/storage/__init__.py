"""The parts of the store behind `models.store`: engines, migrations, bulk loading, products, pages and the
build lock."""
