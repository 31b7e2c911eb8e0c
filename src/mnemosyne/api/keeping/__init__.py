"""Operations of looking after a node: archives, backups, keys, the record, the doctor."""
