"""The transport over HTTP: routes that translate requests into use cases and results back."""
