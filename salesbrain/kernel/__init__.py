"""Code shared by all apps: database access, base models, encryption, environment, logging."""
