"""HTTP: the front that serves published pages, and the routes for people and programs."""
