from collections import Counter


def odd_sock(colours):
    # With three socks of the odd colour nothing is left that occurs once.
    return [colour for colour, count in Counter(colours).items() if count == 1][0]
