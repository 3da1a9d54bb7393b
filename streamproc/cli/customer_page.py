"""The page of one customer: the profile's parts one after the other, each with its lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from streamproc.cli.standing import table_of
from streamproc.cli.terminal import Terminal
from streamproc.customer.state import Customer
from streamproc.decide.messages.standing import NO_MODELS
from streamproc.decide.plan import Plan
from streamproc.decide.profile import profile_of
from streamproc.events.times import rfc3339
from streamproc.models.releases.bank import ModelBank

Line = tuple[str, str]


def show(  # noqa: PLR0913, PLR0917  what is shown, and as of when
    console: Terminal, known: Customer, plan: Plan, now_ms: int, asked_ms: int, bank: ModelBank = NO_MODELS
) -> None:
    """All that is known, as of one moment, and what the policy says at another."""
    profile = profile_of(known, plan, bank, now_ms)
    who = profile["who"]
    console.rule(f"{who['kind'].replace('_', ' ')} {who['id']} at {profile['at']}", align="left")
    table = Table(box=None, show_header=False)
    for title, lines in _parts(profile, plan):
        for number, (name, value) in enumerate(lines):
            table.add_row("" if number else title, name, value)
    console.print(table)
    features = Table("feature", "value", box=None, title=f"features at {rfc3339(now_ms)}", title_justify="left")
    for name, value in profile["features"].items():
        features.add_row(name, value if isinstance(value, str) else f"{value:.4g}")
    console.print(features)
    if not known.is_guest:
        console.print(table_of(known, plan, asked_ms, bank))


def _parts(profile: Mapping[str, Any], plan: Plan) -> Iterator[tuple[str, list[Line]]]:
    yield "who", list(_who(profile["who"]))
    yield "value", list(_value(profile["value"]))
    yield "rhythm", list(_rhythm(profile["rhythm"], profile["likes"], plan))
    yield "consent", [(each["for"], f"{_yes(each['granted'])} since {each['since']}") for each in profile["consents"]]
    yield "tags", [(each["name"], f"{each['source']}, since {each['since']}") for each in profile["tags"]]
    yield "segments", [(each["name"], f"since {each['since']}") for each in profile["segments"]]
    yield "scores", [(each["model"], _score(each)) for each in profile["scores"]]
    yield "messages", list(_messages(profile))
    yield "timers", [(each["due"], each["what"]) for each in profile["timers"]]


def _who(who: Mapping[str, Any]) -> Iterator[Line]:
    yield "seen", f"{who['first_seen']} to {who['last_seen']}"
    for trait in who["traits"]:
        since = f", since {trait['since']}" if trait["since"] else ""
        by = f", said by {trait['source']}" if trait["source"] else ""
        yield trait["name"], f"{'taken away' if trait['value'] is None else trait['value']}{since}{by}"
    for known in who["known_as"]:
        yield "known as", f"{known['key']} since {known['since']}"


def _value(value: Mapping[str, Any]) -> Iterator[Line]:
    yield (
        "orders",
        f"{value['orders']}, {value['revenue']:,.2f} before returns; the last: {value['last_order'] or 'none'}",
    )
    yield "given back", f"{value['times_given_back']} times, {value['given_back']:,.2f}"
    rfm, worth = value["rfm"], value["clv"]
    yield (
        "RFM",
        (
            "not known: no order, or no thresholds are released"
            if rfm is None
            else f"{rfm['group']} (recency {rfm['recency']}, frequency {rfm['frequency']}, monetary {rfm['monetary']}; "
            f"by {rfm['version']})"
        ),
    )
    yield (
        "lifetime value",
        f"so far {value['clv_historic']:,.2f}; to come "
        + ("not known: no order, or no figures of the shop are released" if worth is None else _worth(worth)),
    )


def _worth(worth: Mapping[str, Any]) -> str:
    said = worth["parameters"]
    return (
        f"{worth['clv']:,.2f} ({worth['orders']:.2f} orders a year of {worth['order_value']:,.2f} by {worth['by']}, "
        f"{said['periods']} x {said['period_days']} days, discount {said['discount_rate']:g}, "
        f"margin {said['margin']:g}, cost {said['acquisition_cost']:g})"
    )


def _rhythm(rhythm: Mapping[str, Any], likes: Mapping[str, Any], plan: Plan) -> Iterator[Line]:
    every = f"{rhythm['gap_mean_weeks']:.1f} weeks; the present gap is {rhythm['gap_ratio']:.1f} of that"
    yield "orders every", every if rhythm["gap_mean_weeks"] else "not known: there are no two orders at different times"
    yield "answers", answers_in_words(rhythm, plan)
    yield "sessions", f"{rhythm['sessions']}; engagement {rhythm['engagement']:.1f}"
    yield "cart", ", ".join(f"{quantity} x {sku}" for sku, quantity in rhythm["cart"].items()) or "empty"
    for name, liked in likes.items():
        if liked:
            yield name.replace("_", " "), liked


def answers_in_words(rhythm: Mapping[str, Any], plan: Plan) -> str:
    """When and where messages are opened and clicked, as far as enough is known of it."""
    known = f"of {rhythm['responses']:.1f} opens and clicks, as much as they still count"
    hour, channel = rhythm["best_hour"], rhythm["best_channel"]
    at = "at no hour more than at others" if hour is None else f"most around {hour}:00 ({rhythm['time_zone']})"
    by = "on no channel more" if channel is None else f"by {channel}"
    is_known = rhythm["responses"] >= plan.policy.contact.least_responses
    return f"{at}, {by}; {known}" if is_known else f"too little is known: {known}"


def _score(score: Mapping[str, Any]) -> str:
    reasons = f"; most for {', '.join(score['reasons'])}" if score["reasons"] else ""
    unit = f" {score['unit']}" if score["unit"] else ""
    return f"{score['value']:.2f}{unit} ({score['band']}) at {score['at']} by {score['version']}{reasons}"


def _messages(profile: Mapping[str, Any]) -> Iterator[Line]:
    for each in profile["messages"]:
        came = ", ".join(each["came"]) or "nothing is told of it"
        yield each["trigger"], f"{each['at']} by {each['channel']}, {each['purpose']}: {came}"
    for each in profile["waiting"]:
        yield each["trigger"], f"waits until {each['until']}: {each['reason']}"
    sent = {each["trigger"] for each in profile["messages"]}
    yield from ((each["trigger"], f"last {each['at']}") for each in profile["fired"] if each["trigger"] not in sent)
    yield from ((name, f"refused: {reason}") for name, reason in profile["refused"].items())
    yield from ((f"offer {each['offer']}", f"last {each['at']}") for each in profile["offers"])
    for each in profile["journeys"]:
        step = each["step"] or "a step that nobody knows"
        yield f"journey {each['journey']}", f"{each['about']}, since {each['since']}, at {step} until {each['next']}"


def _yes(said: object) -> str:
    return "yes" if said else "no"
