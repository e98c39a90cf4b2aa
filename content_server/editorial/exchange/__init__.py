"""Exchange: files that carry lessons out of this server and back in.

`lesson_archive` is a zip of a lesson with its media; `text_tables` is an edition's texts as rows,
which `spreadsheets` writes and reads as XLSX or CSV.
"""
