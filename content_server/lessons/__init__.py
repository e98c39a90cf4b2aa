"""What is taught: lessons, their editions in each language, and what a reader may see of them."""
