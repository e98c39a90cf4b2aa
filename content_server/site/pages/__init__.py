"""Pages: contexts, panels and templates of the villager's pages."""
