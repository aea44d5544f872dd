"""A model measured on images whose content is known, and its verdicts fitted to them."""
