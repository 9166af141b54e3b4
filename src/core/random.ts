/** Fills it with random bytes: for ids, not for secrets. Where the platform keeps its own source back, from `Math.random`. */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    crypto.getRandomValues(bytes);
  } catch {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(Math.random() * 256);
  }
}

/** A text of 32 hexadecimal digits that nobody else has. */
export function randomText(): string {
  const bytes = new Uint8Array(16);
  fillRandom(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
