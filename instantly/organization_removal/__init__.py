"""Removal of an organization: plan with counts, request, work in bounded batches."""
