"""Scenes from life, drawn once: paper, people, hands, counters."""
