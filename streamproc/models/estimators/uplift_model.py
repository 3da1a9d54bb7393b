"""By how much a treatment makes an answer likelier, customer by customer: two responses, learned together.

Who was treated and who was held out each have a weighted sum of the features (a T-learner). Both are fitted at once,
by least squares, with a ridge on what is different between them: what few held-out answers cannot tell is taken for no
difference. Fitted apart, the smaller group's weights would be drawn further to 0 than the larger one's, and what is
left over would look like an effect. Source: V. Lo, "The True Lift Model" (2002), features that interact with the
treatment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Self

from streamproc.models.estimators.logistic import bounded, require_known
from streamproc.models.reasons import reasons_of
from streamproc.models.scorer import Said
from streamproc.models.snapshot_error import SnapshotError

MOST_FEATURES = 31
FAR = 4.0
"""So many standard deviations from the mean a feature counts at most."""
COMMON_RIDGE = 1.0
"""So many examples say that a feature does not matter at all: features may say the same as others."""
NO_SPREAD = 1e-9


class ArmSums:
    """What least squares needs to know of those who were treated, or held out; changes with each example.

    Attributes:
        examples: how many there were.
        answers: the sum of the labels.
        sums, products: of each feature its sum, and that of its products with the label.
        squares: of each two features the sum of their products, row by row, from the diagonal on.
    """

    def __init__(self, features: int) -> None:
        self.examples = 0
        self.answers = 0.0
        self.sums = [0.0] * features
        self.products = [0.0] * features
        self.squares = [0.0] * (features * (features + 1) // 2)

    def learn(self, values: Sequence[float], label: float) -> None:
        """Add an example."""
        self.examples += 1
        self.answers += label
        place = 0
        for row, value in enumerate(values):
            self.sums[row] += value
            self.products[row] += value * label
            for other in values[row:]:
                self.squares[place] += value * other
                place += 1

    def numbers(self) -> Iterable[float]:
        """All numbers that it has."""
        return (self.answers, *self.sums, *self.products, *self.squares)


class UpliftModel:
    """What was learned of both; changes with each example.

    Attributes:
        features: the features' names.
        treated, held_out: the sums of both.
        carries: whether scores of earlier versions have found those who were moved, so that scores may be given out.
    """

    def __init__(self, features: Sequence[str]) -> None:
        self.features = list(features)
        self.treated, self.held_out = ArmSums(len(features)), ArmSums(len(features))
        self.carries = False

    def learn(self, features: Mapping[str, float], label: float, *, held_out: bool) -> None:
        """Add an example of one of both."""
        known = bounded(features)
        arm = self.held_out if held_out else self.treated
        arm.learn([known.get(name, 0.0) for name in self.features], label)


class ReleasedUplift:
    """Plain numbers: what a version says never changes.

    Attributes:
        features: the features' names.
        means, deviations: of both together.
        weights: what a deviation more of a feature adds to the effect.
        average: the effect on the customer in the middle.
        carries: as in `UpliftModel`.
    """

    def __init__(self, model: UpliftModel, ridge: float) -> None:
        self.features = list(model.features)
        self.means, self.deviations = _scales(model)
        self.average, self.weights = _effects(model, self.means, self.deviations, ridge)
        self.carries = model.carries


@dataclass(frozen=True, slots=True)
class FrozenUplift:
    """A released version as decide uses it.

    Attributes:
        terms: of each feature that has a spread its mean, its standard deviation, and its weight.
        average: the effect on the customer in the middle.
        carries: whether its scores are given out.
    """

    terms: Mapping[str, tuple[float, float, float]]
    average: float
    carries: bool

    @classmethod
    def of(cls, model: ReleasedUplift) -> Self:
        """Look up once what a score needs."""
        numbers = zip(model.features, model.means, model.deviations, model.weights, strict=True)
        terms = {name: (mean, deviation, weight) for name, mean, deviation, weight in numbers if deviation > 0}
        return cls(terms, model.average, model.carries)

    def score(self, features: Mapping[str, float]) -> Said:
        """How much likelier the answer is with the treatment than without, -1 to 1, and what moved that most."""
        total, moved = self.average, []
        for name, value in bounded(features).items():
            mean, deviation, weight = self.terms.get(name, (0.0, 0.0, 0.0))
            if weight:
                move = weight * max(-FAR, min(FAR, (value - mean) / deviation))
                total += move
                moved.append((name, move))
        return Said(max(-1.0, min(1.0, total)), reasons_of(moved))

    def per_deviation(self) -> Mapping[str, float]:
        """The weights."""
        return {name: weight for name, (_, _, weight) in self.terms.items() if weight}


def require_uplift(model: object) -> UpliftModel | ReleasedUplift:
    """The model, if it is one of these, over features of this release, with as many finite numbers as there must be.

    Raises:
        SnapshotError: it is not.
    """
    match model:
        case UpliftModel():
            size = len(model.features)
            rows = [each for arm in (model.treated, model.held_out) for each in (arm.sums, arm.products)]
            triangles = (model.treated.squares, model.held_out.squares)
            fits = all(len(each) == size * (size + 1) // 2 for each in triangles)
            numbers = [*model.treated.numbers(), *model.held_out.numbers()]
        case ReleasedUplift():
            rows, fits = [model.means, model.deviations, model.weights], True
            numbers = [model.average, *model.means, *model.deviations, *model.weights]
        case _:
            raise SnapshotError(f"the model is one of uplift, this is a {type(model).__name__}")
    size = len(model.features)
    if not fits or len(set(model.features)) != size or size > MOST_FEATURES or any(len(row) != size for row in rows):
        raise SnapshotError(f"it has not a number for each of up to {MOST_FEATURES} features, each once")
    if not all(map(isfinite, numbers)):
        raise SnapshotError("it has numbers that are not finite: its scores would mean nothing")
    require_known(model.features)
    return model


def _scales(model: UpliftModel) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each feature, over both; 0: it has no spread."""
    arms, size = (model.treated, model.held_out), len(model.features)
    count = sum(arm.examples for arm in arms) or 1
    means = [sum(arm.sums[place] for arm in arms) / count for place in range(size)]
    diagonal = [row * size - row * (row - 1) // 2 for row in range(size)]
    squares = [sum(arm.squares[place] for arm in arms) / count for place in diagonal]
    variances = [square - mean * mean for square, mean in zip(squares, means, strict=True)]
    noise = [NO_SPREAD * (1.0 + square) for square in squares]
    return means, [each**0.5 if each > least else 0.0 for each, least in zip(variances, noise, strict=True)]


def _effects(
    model: UpliftModel, means: Sequence[float], deviations: Sequence[float], ridge: float
) -> tuple[float, list[float]]:
    """The effect in the middle, and by how much a deviation more of each feature changes it; 0 without both arms."""
    size = len(means)
    if not model.treated.examples or not model.held_out.examples:
        return 0.0, [0.0] * size
    treated, treated_answers = _standardised(model.treated, means, deviations)
    held_out, held_out_answers = _standardised(model.held_out, means, deviations)
    both = [[one + two for one, two in zip(*rows, strict=True)] for rows in zip(treated, held_out, strict=True)]
    matrix = [[*both[row], *treated[row]] for row in range(size + 1)]
    matrix += [[*treated[row], *treated[row]] for row in range(size + 1)]
    for place in range(1, size + 1):
        matrix[place][place] += COMMON_RIDGE
        matrix[size + 1 + place][size + 1 + place] += ridge
    answers = [one + two for one, two in zip(treated_answers, held_out_answers, strict=True)]
    found = _solved(matrix, [*answers, *treated_answers])[size + 1 :]
    return found[0], found[1:]


def _standardised(
    arm: ArmSums, means: Sequence[float], deviations: Sequence[float]
) -> tuple[list[list[float]], list[float]]:
    """An arm's sums of products of 1 and its scaled features with each other, and with the label."""
    size, count = len(means), float(arm.examples)
    sums = [total - count * mean for total, mean in zip(arm.sums, means, strict=True)]
    scales = [1 / deviation if deviation else 0.0 for deviation in deviations]
    matrix = [[0.0] * (size + 1) for _ in range(size + 1)]
    matrix[0][0], place = count, 0
    for row in range(size):
        matrix[0][row + 1] = matrix[row + 1][0] = sums[row] * scales[row]
        for column in range(row, size):
            about = arm.squares[place] - means[row] * arm.sums[column] - means[column] * sums[row]
            matrix[row + 1][column + 1] = matrix[column + 1][row + 1] = about * scales[row] * scales[column]
            place += 1
    products = [(arm.products[row] - means[row] * arm.answers) * scales[row] for row in range(size)]
    return matrix, [arm.answers, *products]


def _solved(matrix: list[list[float]], answers: list[float]) -> list[float]:
    """The solution of linear equations by elimination with pivots; `matrix` and `answers` are used up.

    Not by a library: what is released is the same to the last bit on every machine.
    """
    size = len(answers)
    for step in range(size):
        pivot = max(range(step, size), key=lambda row: abs(matrix[row][step]))
        matrix[step], matrix[pivot] = matrix[pivot], matrix[step]
        answers[step], answers[pivot] = answers[pivot], answers[step]
        for row in range(step + 1, size):
            factor = matrix[row][step] / matrix[step][step]
            if factor:
                for column in range(step, size):
                    matrix[row][column] -= factor * matrix[step][column]
                answers[row] -= factor * answers[step]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(matrix[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (answers[row] - known) / matrix[row][row]
    return found
