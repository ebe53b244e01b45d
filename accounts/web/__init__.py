"""Pages of user accounts: login, profile, password, second factor, tokens, team."""
