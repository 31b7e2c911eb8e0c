"""Evaluation of retrieval on data sets in the BEIR format, through the real node."""
