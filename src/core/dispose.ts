/** The name by which `await using` disposes; older browsers have it by the helpers of compilers, which take this one. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
