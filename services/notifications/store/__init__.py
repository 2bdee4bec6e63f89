"""Everything that knows the tables. Functions take a connection first and work on whole batches."""
