// Finds mistakes; how lines are laid out is left to their writers. Types are tsc's part (tsconfig.json).
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import globals from "globals";

const mistakes = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "eqeqeq": "error",
  "no-constructor-return": "error",
  "no-eval": "error",
  "no-implicit-globals": "error",
  "no-implied-eval": "error",
  "no-new-wrappers": "error",
  "no-promise-executor-return": "error",
  "no-self-compare": "error",
  "no-shadow": "error",
  "no-template-curly-in-string": "error",
  "no-throw-literal": "error",
  "no-unreachable-loop": "error",
  "no-use-before-define": ["error", { functions: false, variables: false }],
  "no-useless-rename": "error",
  "no-useless-return": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
};

export default defineConfig([
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  { rules: mistakes },
  {
    files: ["content_server/web/static/**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.browser },
  },
  {
    // Classic scripts for phones of long ago; a file says which names of its neighbours it uses.
    files: ["content_server/site/inline/**/*.js"],
    languageOptions: { ecmaVersion: 2017, sourceType: "script", globals: globals.browser },
    rules: {
      "no-implicit-globals": "off", // they are what files of one page share
      "no-promise-executor-return": "off", // an arrow function's short form
      "no-unused-vars": ["error", { caughtErrors: "none" }], // ES2017 knows no catch without a name
    },
  },
  { ignores: [".*/", "data/", "docs/"] },
]);
