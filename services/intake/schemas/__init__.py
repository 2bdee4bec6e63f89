"""HTTP bodies and files in, answers out: marshmallow schemas and the way from a document to an assessment."""
