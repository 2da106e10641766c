"""Pure functions over tables and frozen records. Knows neither Django nor gongzhi: runs in a notebook as it is."""
