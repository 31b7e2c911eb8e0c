"""Rules of search: what a question asks, how scores are fused, why a hit was found."""
