"""Where.

comes in: boundaries, gazetteers, a pair of coordinates · goes out: the area, the named place, the calendar
keeps: jurisdictions, areas with validity dates, named places · never: people
中文：地方
"""
