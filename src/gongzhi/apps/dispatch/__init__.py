"""Who does it by when.

comes in: cases with a category and an area, the power list · goes out: tasks with a deadline and a legal basis
keeps: power list, tasks and their steps · never: ranks people, resets a clock
中文：派办
"""
