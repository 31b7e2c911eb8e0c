"""The append-only record of significant acts, and receipts as its signed export."""
