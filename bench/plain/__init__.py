"""Django as most people write it: the ORM once per event, ModelSerializer once per row. On the product's tables and policies."""
