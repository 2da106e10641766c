"""What units lend each other: rooms, vehicles, equipment, volunteer teams by skill; who is near, who has it when."""
