"""Programs that take the client exam: some are right, most are wrong on purpose. `sabotage.clients` lists them."""
