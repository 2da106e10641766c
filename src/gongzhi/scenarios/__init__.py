"""What a pack may say, how packs are loaded and checked. Knows no app: apps register the sections they read.

中文：场景包
"""
