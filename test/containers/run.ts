import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { openEngine } from './engine.ts';
import { buildImage } from './product-image.ts';
import { buildStandIn, importBase, STAND_INS } from './stand-ins.ts';

/**
 * `npm run test:containers [-- FILES…]`: builds the image, and runs it, the compose file and the systemd units in containers for
 * real. Not part of `npm test`: it takes a quarter of an hour, root, and the packages docker.io, iptables and debootstrap. Images
 * of others are built here from packages: what was a stand-in is said at the end.
 */
const LIMIT_MS = 1_800_000;

async function main(named: readonly string[]): Promise<number> {
  const engine = await openEngine();
  try {
    await importBase();
    for (const name of Object.keys(STAND_INS) as (keyof typeof STAND_INS)[]) await buildStandIn(name);
    await buildImage();
    const files = (named.length > 0 ? named : globSync('test/containers/*.containers.ts').sort()).map(
      (file) => resolve(file),
    );
    const failed = await runFiles(files);
    for (const { tags, dockerfile } of Object.values(STAND_INS))
      console.log(`a stand-in: ${tags.join(', ')} (test/containers/stand-ins/${dockerfile})`);
    return failed;
  } finally {
    await engine.stop();
  }
}

function runFiles(files: string[]): Promise<number> {
  return new Promise((done, fail) => {
    const stream = run({ files, concurrency: 1, timeout: LIMIT_MS });
    let failed = 0;
    stream.on('test:fail', () => {
      failed = 1;
    });
    stream.on('error', fail);
    stream.on('end', () => done(failed));
    stream.compose(spec).pipe(process.stdout, { end: false });
  });
}

process.exitCode = await main(process.argv.slice(2));
