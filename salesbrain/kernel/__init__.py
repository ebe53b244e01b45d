"""Shared code that knows no app: database access, base models, encryption, environment, logging, request origin."""
