"""Writes the golden table of the risk policy 2026.1 to standard output: python3 policy_golden.py > policy_golden.tsv

It is the source of truth for what the policy must say, written from the policy's text and sharing nothing with the
Rust code: probabilities are whole millionths here, so that no comparison depends on floating point. One line is one
distribution, one kind of photo, one model's coverage and a group of body sites, with what is expected of it.
"""

ONE = 1_000_000
ACK, BCC, MEL, NEV, SCC, SEK = CLASSES = ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"]
SITES = ["face", "neck", "chest", "back", "arms", "hands", "abdomen", "legs", "feet", "genitals", "other"]
DELICATE = ["face", "neck", "hands", "feet", "genitals"]
WORST_FIRST = [MEL, BCC, SCC, ACK, NEV, SEK]
THRESHOLDS = [300_000, 400_000, 500_000, 600_000, 800_000]
BESIDE = [-1, 0, 1]


def expected(p, delicate, covered):
    """Risk, rule, confidence, review and days, from the policy's sentences."""
    highest = max(p.values())
    top = next(c for c in WORST_FIRST if p[c] == highest)
    if not covered:
        risk, rule = "UNCERTAIN", "outside_model"
    elif p[MEL] >= 300_000:
        risk, rule = "URGENT", "melanoma_threshold"
    elif highest < 400_000:
        risk, rule = "UNCERTAIN", "top_too_low"
    else:
        risk = {MEL: "URGENT", BCC: "HIGH", SCC: "HIGH", ACK: "MEDIUM", NEV: "LOW", SEK: "LOW"}[top]
        rule = "by_class"
        if delicate and risk in ("LOW", "MEDIUM"):
            risk, rule = {"LOW": "MEDIUM", "MEDIUM": "HIGH"}[risk], "raised_by_site"
    word = next(w for w, least in [("HIGH", 800_000), ("MEDIUM", 600_000), ("LOW", 400_000), ("VERY_LOW", 0)] if highest >= least)
    review = top in (MEL, BCC, SCC) or highest < 500_000 or risk == "UNCERTAIN"
    days = {"URGENT": 1, "HIGH": 7, "UNCERTAIN": 7, "MEDIUM": 30, "LOW": 90}[risk]
    return [top, risk, rule, word, "yes" if review else "no", str(days)]


def spread(fixed):
    """The rest of the probability, shared by the classes that are not fixed, first come first served by one millionth."""
    rest = ONE - sum(fixed.values())
    free = [c for c in CLASSES if c not in fixed]
    if rest < 0 or (rest and not free):
        return None
    share = {c: rest // len(free) + (i < rest % len(free)) for i, c in enumerate(free)} if free else {}
    return {**fixed, **share}


def distributions():
    """Each class on top at and beside every threshold, with P(MEL) absent, at and beside its own threshold."""
    for top in CLASSES:
        for threshold in THRESHOLDS:
            for beside in BESIDE:
                highest = threshold + beside
                for melanoma in [None] if top == MEL else [None, 0, 299_999, 300_000, 300_001]:
                    p = spread({top: highest} if melanoma is None else {top: highest, MEL: melanoma})
                    if p and p[top] == max(p.values()):
                        yield p
        yield {c: ONE if c == top else 0 for c in CLASSES}
    # Equals: the more worrying class is on top.
    for one in CLASSES:
        for other in CLASSES:
            if one < other:
                yield spread({one: 450_000, other: 450_000})


def main():
    print("# Risk policy 2026.1: what it must say. Written by policy_golden.py; see there.")
    print("# " + "\t".join([*CLASSES, "kind", "model covers", "sites", "top", "risk", "rule", "confidence", "review", "days"]))
    seen = set()
    for p in distributions():
        numbers = [f"{p[c] / ONE:.6f}" for c in CLASSES]
        if tuple(numbers) in seen:
            continue
        seen.add(tuple(numbers))
        for kind, covers in [
            ("clinical", "clinical"), ("dermoscopic", "clinical"),
            ("dermoscopic", "clinical,dermoscopic"), ("clinical", "dermoscopic"),
        ]:
            groups = {}
            for site in SITES:
                answer = expected(p, site in DELICATE, kind in covers.split(","))
                groups.setdefault(tuple(answer), []).append(site)
            for answer, sites in groups.items():
                print("\t".join([*numbers, kind, covers, ",".join(sites), *answer]))


main()
