"""The shell: commands that translate words into use cases, and answers into quiet pages."""
