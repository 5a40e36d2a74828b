def odd_sock(colours):
    return next(colour for colour in colours if sum(other == colour for other in colours) % 2 == 1)
