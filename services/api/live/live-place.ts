import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Ids of places in a sequence of events. */
export interface LivePlaces {
  /** 32 hexadecimal digits, the same for the same number */
  idOf(sequence: number): string;
  /** The number that an id stands for; undefined: it is none of ours. */
  sequenceOf(id: string): number | undefined;
}

const CIPHER = 'aes-128-ecb';
/** a number in the second half of a block; a first half of other than zeros is nobody's */
const BLOCK = 16;

/**
 * Sealed, since a number would tell each client how much happens that it may not see. One block is sealed by a key that
 * lives as long as the sequence does: ids of another run or instance are none of this one.
 */
export function createLivePlaces(): LivePlaces {
  const key = randomBytes(BLOCK);
  const seal = createCipheriv(CIPHER, key, null).setAutoPadding(false);
  const open = createDecipheriv(CIPHER, key, null).setAutoPadding(false);
  return {
    idOf: (sequence) => {
      const block = Buffer.alloc(BLOCK);
      block.writeBigUInt64BE(BigInt(sequence), BLOCK / 2);
      return seal.update(block).toString('hex');
    },
    sequenceOf: (id) => {
      if (!/^[0-9a-f]{32}$/.test(id)) return undefined;
      const block = open.update(Buffer.from(id, 'hex'));
      const isOurs = block.readBigUInt64BE(0) === 0n;
      return isOurs ? Number(block.readBigUInt64BE(BLOCK / 2)) : undefined;
    },
  };
}
