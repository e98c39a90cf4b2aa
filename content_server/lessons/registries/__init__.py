"""Registries: languages, contacts, topics and shared screens."""
