"""WHO CARRIES IT TO THE VILLAGE: a box shows a signed pack where there is no internet."""
