"""What an assessment is and what consent allows: plain Python, no clock, no I/O."""
