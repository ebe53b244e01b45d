"""Gap repair: fetch events that webhooks missed from Instantly's API; report differences of the stats.

Sources are Instantly's delivery log, its inbox and its leads.
"""
