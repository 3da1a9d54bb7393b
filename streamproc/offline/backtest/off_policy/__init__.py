"""What another policy would have earned, from a log of decisions whose probabilities are known.

A log says for each decision which action was taken, how likely that was, and what came of it. From that the value of a
policy that did not decide is estimated in five ways (`estimators.py`), with a bootstrap interval each and a bound that
holds for any number of decisions (`bernstein.py`); what rests on too few decisions is refused (`floor.py`).
"""
