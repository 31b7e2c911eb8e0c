"""Mnemosyne: a sovereign memory node."""
