"""State of the emulated service: plain data, its containers, clocks. Independent of all rules."""
