"""Audio: voice renditions and loudness."""
