"""What is known of a family and where it comes from: facts, the nights they came in, and assessments made of them."""
