"""Work in the background: the row in Postgres is the truth, Celery only the bell."""
