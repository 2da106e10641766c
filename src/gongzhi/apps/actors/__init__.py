"""Who.

comes in: sign-ins, units, grants · goes out: an Actor with permissions for one jurisdiction
keeps: accounts, units, dated grants, rate counters · never: what a person believes, scores, whereabouts
中文：主体
"""
