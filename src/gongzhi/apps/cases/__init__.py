"""The case: its life, history, answer and rating.

comes in: reports that were read, decisions of staff, words of residents · goes out: states, steps, answers, events
keeps: cases, steps, memberships, answers, ratings, suggestions · never: overwrites a step, deletes a case
中文：事项
"""
