/** What goes on, on stderr: stdout has the figures alone. On a terminal a line that is written over. */
export function tellStep(step: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${step}`);
  else process.stderr.write(`${step}\n`);
}

export function endSteps(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
}
