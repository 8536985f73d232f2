"""Other SDKs beside ours in one run, each in a process and an environment of its own: what a request costs."""
