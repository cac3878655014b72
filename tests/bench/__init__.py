"""`make bench`: what is promised in numbers, measured and printed beside its bound."""
