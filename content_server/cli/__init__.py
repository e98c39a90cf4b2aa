"""What each command of the command line does, imported only when it is asked for."""
