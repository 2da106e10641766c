"""What a worker files for a resident, or sees on the round: a report like any other."""

KIND = "worker"
