"""Registries: the languages, contacts, topics and shared screens that lessons refer to by name."""
