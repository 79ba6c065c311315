/**
 * A number above 0 and below 1 that is decided by the words alone: the same call gets the same order of trunks and
 * nodes from every instance, also when it is asked about again. FNV-1a, then murmur3's finaliser for even low bits.
 */
export function chance(seed: string, subject: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ 0xff, 0x01000193);
  for (let index = 0; index < subject.length; index += 1) {
    hash = Math.imul(hash ^ subject.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

/**
 * A subject's place in a weighted order, the smallest first: the first place falls to each in the exact proportion of
 * its weight, also after any of them is taken out (an exponential race). Weight 0: behind all others.
 */
export function drawPlace(seed: string, subject: string, weight: number): number {
  const drawn = -Math.log(chance(seed, subject));
  return weight > 0 ? drawn / weight : 1e12 + drawn;
}
