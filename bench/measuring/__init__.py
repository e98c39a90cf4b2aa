"""What bench/pipeline.py measures, a module for each section."""
