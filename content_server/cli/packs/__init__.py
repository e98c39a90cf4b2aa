"""The commands `pack …`: packs of lessons, USB packs, the course pack and its key."""
