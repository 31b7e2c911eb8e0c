"""Alembic's environment: run on the connection that the caller hands over, in its transaction."""

from alembic import context

from mnemosyne.kit.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # The full-text table and its shadows are made by hand, not by metadata.
    include_name=lambda name, kind, _parents: (
        kind != "table" or not str(name).startswith("memory_text")
    ),
)
context.run_migrations()
