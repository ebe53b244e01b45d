"""Conventions of the API, shared by all apps; it imports none of them.

Caller and scope (views), parameters (parameters), response shape (renderers, exceptions, pagination), rows as JSON inside PostgreSQL
(sqljson), description (schema). An app's `api/` holds serializers (the shape of a row), parameters (its filters) and views.
"""
