"""Packs: a published lesson as files to take away, one module a kind."""
