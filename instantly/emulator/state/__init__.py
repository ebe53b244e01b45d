"""State of the emulated service: plain data, its containers, and the clock. Imports nothing else of the emulator."""
