"""Local installation of a checkout: process launcher and demo data."""
