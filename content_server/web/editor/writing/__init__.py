"""Routes for writing: lesson, composer, translation, preview."""
