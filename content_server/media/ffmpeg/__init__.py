"""ffmpeg: commands, the runner that starts processes, the sandbox and the probe."""
