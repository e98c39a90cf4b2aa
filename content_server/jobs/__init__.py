"""What happens later: work as rows of a table, done by workers, lost by no crash."""
