/** The oldest browsers in which the package runs, as docs/browsers.md says: what is built has no newer syntax, and the source no newer built-in. */
export const floor = ['chrome100', 'edge100', 'firefox97', 'safari15.4'];
