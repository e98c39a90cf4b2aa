"""Routes of packs, USB packs and course packs."""
