"""What leaves the office for the field: inspection forms and subject summaries on paper, work packs without network."""
