"""What a report is about, how urgent, where, and whether it is the same thing as another.

comes in: reports, people's decisions · goes out: readings with reasons and doubt, likely duplicates
keeps: readings, decisions, examples by report id, model versions, duplicate bands · never: a copy of the words
中文：研判
"""
