"""Who asks: the front that shows published bytes, and the rooms behind it."""
