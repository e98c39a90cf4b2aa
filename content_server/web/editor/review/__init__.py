"""Routes for review: review page, approval, comments, history, consents."""
