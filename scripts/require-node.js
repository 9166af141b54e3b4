// Plain JavaScript, so that an old Node can say what is wrong: the other scripts are TypeScript, run as they are.
if (!process.features.typescript) {
  console.error(
    [
      `This is Node ${process.versions.node}; the scripts of this repository need Node 22.18 or newer.`,
      '`npm ci` puts Node 24 into node_modules, for every npm script. If you ran it with --ignore-scripts,',
      'run it again without; otherwise install a newer Node from https://nodejs.org.',
    ].join('\n'),
  );
  process.exit(1);
}
