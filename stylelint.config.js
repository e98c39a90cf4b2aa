// Finds mistakes: what is invalid, unknown, twice or overridden. How lines are laid out is left to their
// writers: what pages carry inline is written as short as it is sent.
export default {
  extends: "stylelint-config-recommended",
  rules: {
    "no-descending-specificity": null, // compares selectors by their ends, not what they meet on a page
    "no-unknown-animations": true,
  },
  reportDescriptionlessDisables: true,
  reportInvalidScopeDisables: true,
  reportNeedlessDisables: true,
};
