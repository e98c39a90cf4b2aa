"""Who works here: people, what they may do, how they sign in, and what was done by whom."""
