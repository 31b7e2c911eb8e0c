"""Measure speed and size on this machine, each figure as a ratio to the bare parts of the same run.

Nothing here can fail: the bars stand beside the figures for a person to read.
"""
