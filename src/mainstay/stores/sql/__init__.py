"""The stores on SQL: SQLite by default, PostgreSQL for teams."""
