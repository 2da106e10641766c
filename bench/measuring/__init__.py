"""What the benches share: the machine's description, processes and their cost, a site to measure, requests, results."""
