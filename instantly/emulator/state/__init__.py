"""State of the emulated service as plain data: tables, journal, clocks; independent of all rules."""
