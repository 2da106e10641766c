"""What was done.

comes in: a short record of each act · goes out: an append-only log that anybody can check
keeps: entries as salted commitments, their order, the roots · never: free text, personal data
中文：存证
"""
