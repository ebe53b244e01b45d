"""`make bench`: how fast the product is, beside what people use today, on the machine it is run on. See docs/en/performance.md.

Everything runs on the loopback, in a scratch database of its own, and ends by itself. Systems take turns (A B A B …), each
figure is the median of the rounds, and after every round the rows are counted again: a fast wrong answer stops the run.
"""
