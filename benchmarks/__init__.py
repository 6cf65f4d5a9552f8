"""What `make bench` runs: speed and memory as ratios measured in one run, since machines differ and are noisy."""
