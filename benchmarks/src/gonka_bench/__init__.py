"""What a signature and a request cost on this machine, as ratios: `gonka bench`, and what it measures with."""
