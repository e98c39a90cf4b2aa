"""Editions and revisions in the database, and the catalog of published lessons.

`tables` holds the rows, `revisions` writes them and moves an edition between its states, `catalog`
and `search` read what villagers may see, `stored_registries` holds the registries.
"""
