/** Before lit is loaded: that these are not its production files is no news in tests. */
Object.assign(globalThis, { litIssuedWarnings: new Set(['dev-mode', 'Lit is in dev mode.']) });
