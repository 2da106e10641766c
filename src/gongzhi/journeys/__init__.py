"""What happens next: one file per journey. Journeys subscribe to events; apps never call what stands above them."""
