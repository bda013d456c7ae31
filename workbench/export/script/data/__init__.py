"""Writes the data: where the pictures come from, which part each belongs to, and how they are scaled.

writing    the section, and which reader writes which kind of data set (read this first)
sets       the sets that are made or fetched: digits, MNIST and its relatives, CIFAR
drawn      the sets that are drawn by rule
own        a person's own folders and NPZ files
parts      choosing, dividing, scaling
"""
