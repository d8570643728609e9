// Tests run as built: native ECMAScript modules in dist/, without a transform.
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/dist/__tests__"],
  testMatch: ["**/*.test.js"],
  transform: {},
  testTimeout: 60_000,
};
