"""The migrations of the tables: `versions/0001_….py` and on, run by Alembic from `db.py`."""
