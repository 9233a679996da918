"""What is done with single messages; greetings to begin with; words suggested to the user."""
