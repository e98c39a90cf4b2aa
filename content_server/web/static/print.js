// A button that prints: scripts inside pages are not allowed here, so it has a file of its own.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
