"""Channels: the means by which a text reaches a phone. One file each; `base.py` says what they promise."""
