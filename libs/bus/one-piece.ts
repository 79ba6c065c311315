/** Bytes one after the other, in memory of their own: that can be handed over to another thread, where parts of others can't. */
export function inOnePiece(parts: readonly Uint8Array[]): ArrayBuffer {
  const piece = new ArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0));
  const bytes = new Uint8Array(piece);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return piece;
}
