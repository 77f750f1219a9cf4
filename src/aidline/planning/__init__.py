"""From a situation to a verified plan with a proven bound."""
