/**
 * Loaded before every test file. A file ends by `process.exit` when its tests are through, and what its socket to the runner has not
 * taken by then is lost: on a busy machine whole files were missing in the counts. Writes that block lose nothing.
 */
const { _handle: handle } = process.stdout as { _handle?: { setBlocking?(isBlocking: boolean): void } };
handle?.setBlocking?.(true);
