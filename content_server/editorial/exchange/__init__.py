"""Exchange: lesson archives (zip) and text tables (XLSX, CSV)."""
