"""What those who run the machine may see of it: request lines, counters, readiness. Never what people said."""
