def fewest_jumps(reach):
    best = [0] + [len(reach)] * (len(reach) - 1)
    for stone, length in enumerate(reach):
        for next in range(stone + 1, min(stone + length + 1, len(reach))):
            best[next] = min(best[next], best[stone] + 1)
    return best[-1] if best[-1] < len(reach) else -1
