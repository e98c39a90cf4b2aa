"""The trainers' room: villages with their links and posters, and the board of what they did."""

from content_server.web.trainer import board, villages

ROUTERS = (villages.router, board.router)
