"""Session plans: several lessons for one training session."""
