"""What people decide and do, kept with actor and time: places of addresses, and the log of what was taken out."""
