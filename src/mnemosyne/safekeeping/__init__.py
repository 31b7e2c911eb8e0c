"""Copies that outlive the machine: backup, verification, restore, archive, and a look inside."""
