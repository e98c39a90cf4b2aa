"""The commands `media …`: garbage collection, verification, repair, and the clip report."""
