"""Shared base of the REST API: views, parameters, errors, pagination, schema; imports no app.

Caller and scope (views), parameters (parameters), response shape (renderers, exceptions, pagination), rows as JSON inside PostgreSQL
(sqljson), description (schema). An app's `api/` holds serializers (the shape of a row), parameters (its filters) and views.
"""
