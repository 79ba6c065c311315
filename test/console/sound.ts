/** How long it is. */
export const SOUND_SECONDS = 2;
const RATE = 8_000;

/** Silence, as FreeSWITCH writes it: 8 kHz, 16 bits, one channel. */
export function silentWav(): Buffer {
  const samples = Buffer.alloc(SOUND_SECONDS * RATE * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
