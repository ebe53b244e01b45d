"""Plain Django baseline of the benchmark: the ORM once per event, ModelSerializer once per row.

It uses the product's tables and policies.
"""
