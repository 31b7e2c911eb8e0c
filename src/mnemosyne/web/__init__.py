"""The pages: server-rendered, readable without scripts, improved by small modules of our own."""
