// An address that leads from this machine to itself alone: no phone gets there, so no code is drawn.
/* exported onlyHere */
/** @param {string} address */
const onlyHere = address => /^https?:\/\/(localhost|127\.|0\.0\.0\.0|\[::1)/.test(address);
