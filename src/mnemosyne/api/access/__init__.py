"""Operations of being let in: passkeys, sessions, recovery, step-up, tokens, accounts."""
