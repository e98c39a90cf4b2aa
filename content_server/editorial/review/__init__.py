"""Review: workflow, comments, consents, translation status and review dates."""
