"""Operations of memories: capture, find, change, let go; import and export; people of one’s own."""
