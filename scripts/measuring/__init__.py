"""What scripts/bench/road measures, a module for each section."""
