"""Reach: village links and anonymous daily counts of what happens under them."""
