"""Everything that touches the tables of intake, and the sealing of what identifies a person."""
