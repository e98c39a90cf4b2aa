"""Accounts: people, their roles and permissions, sign-in, sessions and the audit log."""
