"""The report: one page with everything in it, which a marketer can read and which needs no network."""
