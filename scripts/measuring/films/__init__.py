"""What scripts/bench/shrink measures: our ladder of clips beside what others do by default."""
