"""`gongzhi doctor`: looks at an installation and says what is well, what is not, and how to mend it.

Every check names things of the machine only: settings, files, counts. Nothing that anybody said, nobody's name.
"""
