"""A report arrives, a reply leaves.

comes in: words, place, photos, contact, files of tickets · goes out: immutable reports, notices, promises
keeps: reports, contacts and who saw them, photos, notices · never: lets a report be changed
中文：渠道
"""
