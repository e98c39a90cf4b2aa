"""The job queue: jobs as database rows, run by worker threads, kept through crashes."""
