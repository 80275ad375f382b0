"""What is decided as reviewed data below ``data/rules``: loaded, checked and evaluated here."""
