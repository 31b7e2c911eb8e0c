"""Foundations without product knowledge: time, identity of things, errors, storage, keys."""
