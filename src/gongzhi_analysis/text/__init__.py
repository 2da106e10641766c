"""Reading messages: language, features, a calibrated classifier that abstains and shows its words."""
