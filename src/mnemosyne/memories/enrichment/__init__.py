"""What is read out of a text after it is stored: domains, language, dates, names, secrets."""
