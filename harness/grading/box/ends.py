"""What a keeper's exit code says of how its box ended; both sides of the workshop know it."""

RUNNER_ENDED, TOO_MUCH_MEMORY, NO_BOX = 70, 71, 72
