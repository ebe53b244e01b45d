"""Shared code that knows no app: database, base models, encryption, environment, logging."""
