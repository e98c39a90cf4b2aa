"""WHERE IT ARRIVES: villages with a link of their own, and what is counted there, of nobody."""
