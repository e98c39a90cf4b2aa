"""Routes for the registries."""
