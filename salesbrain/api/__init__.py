"""How the API behaves, whatever it is about: who asks (views), with which parameters (parameters), in which shape it answers
(renderers, exceptions, pagination), how rows become JSON inside PostgreSQL (sqljson) and how all of it is described (schema).

Knows no app. An app's `api/` holds serializers (what a row looks like), parameters (what can be asked) and views.
"""
