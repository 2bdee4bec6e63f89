"""The vocabulary on the wire: code lists with Spanish and English names, and no rules."""

from shared.codes.lists import Code, UnknownList, load, names, nearest, values

__all__ = ["Code", "UnknownList", "load", "names", "nearest", "values"]
