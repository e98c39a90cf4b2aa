"""Drawn scenes: papers, people, hands, counters."""
