"""Made-up behaviour around real orders: who visits, what they put into the cart, which e-mails they get.

Nothing in here is real. Every event says `"source": "synthetic"`, and every id that is made up starts with
`synthetic-`. `synthesize.py` tells the story; the files here are its parts.
"""
