import { docker } from './docker.ts';
import { ROOT } from './stores.ts';

/** As the compose file and the manifests call it. */
export const IMAGE = 'switchfleet:latest';

/** Builds the image of this checkout: every run has an engine of its own, which holds none. */
export async function buildImage(): Promise<void> {
  await docker(['build', '--network', 'host', '-t', IMAGE, '.'], { cwd: ROOT, timeoutMs: 900_000 });
}
