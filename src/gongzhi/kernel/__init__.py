"""What every room stands on: the clock, identifiers, working days, events and their outbox, errors.

comes in: events, calendars · goes out: delivered events, deadlines · keeps: the outbox · never: any app's rules
中文：内核
"""
