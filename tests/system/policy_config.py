"""A configuration with each kind of trigger, a journey, and a policy in which each rule has somebody to refuse."""

TRIGGERS = """
[[trigger]]
name = "hello"
kind = "event"
on = ["searched"]
where = [{ trait = "role", one_of = [
    "hello", "refused", "bounced", "listed", "held", "cooling", "capped", "stale", "soft"
] }]
channels = ["email"]
cool_down_hours = 1

[[trigger]]
name = "once"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "once" }]
once = true
cool_down_hours = 0
campaign = "spring"

[[trigger]]
name = "once_more"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "once" }]
priority = 20
cool_down_hours = 0
campaign = "spring"

[[trigger]]
name = "for_others"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "other" }]
eligible = [{ trait = "role", equals = "nobody" }]

[[trigger]]
name = "cart"
kind = "absence"
correlate = "cart"
delay_minutes = 60
where = [{ trait = "role", one_of = ["cart", "late"] }]
expires_hours = 200

[[trigger]]
name = "night_cart"
kind = "absence"
correlate = "cart"
delay_minutes = 60
where = [{ trait = "role", equals = "night_cart" }]
channels = ["push"]

[[trigger]]
name = "unopened"
kind = "absence"
correlate = "message"
after = ["delivered"]
unless = ["opened"]
delay_minutes = 60
where = [{ trait = "role", equals = "unopened" }]

[[trigger]]
name = "keen"
kind = "threshold"
feature = "views_24h"
above = 3
where = [{ trait = "role", equals = "keen" }]

[[trigger]]
name = "loyal_now"
kind = "segment"
segment = "twice"
where = [{ trait = "role", equals = "loyal" }]

[[trigger]]
name = "second"
kind = "milestone"
orders = 2
where = [{ trait = "role", equals = "second" }]

[[trigger]]
name = "send_offer"
kind = "offer"
where = [{ trait = "role", equals = "offered" }]

[[trigger]]
name = "night"
kind = "event"
on = ["searched"]
where = [{ trait = "role", one_of = ["night", "short"] }]
channels = ["push"]

[[trigger]]
name = "short"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "short" }]
channels = ["push"]
expires_hours = 1

[[trigger]]
name = "high"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "rivals" }]
priority = 90

[[trigger]]
name = "low"
kind = "event"
on = ["searched"]
where = [{ trait = "role", equals = "rivals" }]
priority = 10

[[trigger]]
name = "cheaper"
kind = "price_drop"
percent = 10
where = [{ trait = "role", equals = "cheaper" }]

[[trigger]]
name = "again"
kind = "back_in_stock"
where = [{ trait = "role", equals = "again" }]

[[trigger]]
name = "receipt"
kind = "event"
on = ["order_placed"]
where = [{ trait = "role", equals = "receipt" }]
cap_class = "transactional"
"""
POLICY = """
suppression_list = [{ trait = "do_not_contact", equals = true }]
[[cap]]
name = "three_a_day"
limit = 3
per = "day"
[quiet_hours]
begin = "20:00"
end = "08:00"
channels = ["push"]
[holdout]
percent = 15
salt = "live"
[arbitration]
window_minutes = 5
"""
SEGMENTS = """
[[segment]]
name = "twice"
where = [{ feature = "orders_28d", at_least = 2 }]
"""
JOURNEYS = """
[[journey]]
name = "after_the_second"
start = "second"

[[journey.step]]
kind = "wait"
hours = 1

[[journey.step]]
kind = "condition"
where = [{ feature = "message_opened", equals = 0 }]
otherwise = "end"

[[journey.step]]
name = "again"
kind = "message"
channels = ["email"]
"""
