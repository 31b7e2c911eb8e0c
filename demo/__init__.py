"""The guided tour: the whole main job on real input, in a vault that is thrown away."""
