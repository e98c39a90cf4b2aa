"""Routes of the trainers: village links with their posters, and the board of counts."""

from content_server.web.trainer import board, villages

ROUTERS = (villages.router, board.router)
