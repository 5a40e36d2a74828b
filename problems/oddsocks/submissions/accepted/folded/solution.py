from functools import reduce
from operator import xor


def odd_sock(colours):
    return reduce(xor, colours)
