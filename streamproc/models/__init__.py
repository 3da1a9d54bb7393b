"""Models: questions with late answers, churn scores, and versions that are signed and released. River lives here."""
