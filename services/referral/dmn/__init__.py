"""DMN XML in and out: the same tables, for any DMN modeler."""

from services.referral.dmn.answers import decider, model_decider, shaped
from services.referral.dmn.reading import Model, read_dmn
from services.referral.dmn.writing import model_of, with_tables, write_dmn

__all__ = ["Model", "decider", "model_decider", "model_of", "read_dmn", "shaped", "with_tables", "write_dmn"]
