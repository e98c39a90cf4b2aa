"""The course pack: one signed file with everything published."""
