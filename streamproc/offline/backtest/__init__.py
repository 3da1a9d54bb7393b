"""Backtest: how good the product's own decisions were on a dump, in numbers and as a page for people."""
