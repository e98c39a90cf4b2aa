"""What bench/transcode.py measures: our ladder of clips beside what others do by default."""
