"""Benchmark of Salesbrain against plain Django and a FastAPI service on this machine: `make bench`.

See docs/tables/performance.md. Everything runs on the loopback interface with a scratch database. Systems take turns (A B A B …), each
result is the median of the rounds, and after every round the rows are counted again: a fast wrong answer stops the run.
"""
