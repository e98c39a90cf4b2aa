// A button that prints: scripts inside pages are not allowed here, so it has a file of its own.
document.querySelectorAll('[data-print]').forEach(button => button.addEventListener('click', () => print()));
