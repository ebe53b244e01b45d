"""Follow-ups: the state of each contact, the suggested next step, and people's decisions on it."""
