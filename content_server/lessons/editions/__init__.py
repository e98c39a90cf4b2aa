"""Editions and their revisions, and the catalog of published lessons."""
