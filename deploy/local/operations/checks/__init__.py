"""The usual mistakes, one function each: what was seen, and what to do about it."""
