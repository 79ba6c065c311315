import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, codeOf } from '../../libs/errors/coded-error.ts';

const ROOT = 0;

/**
 * Refuses to work as root in a data directory that another user's switchfleet made: what root writes there, and the database, whose
 * files it gives to `postgres`, that user could open no more.
 * @param uid who we are; undefined where users have no numbers
 * @throws CodedError `data-directory-foreign`, with `details.uid`; file system errors
 */
export async function refuseForeignOwner(
  dataDir: string,
  uid: number | undefined = process.getuid?.(),
): Promise<void> {
  if (uid !== ROOT) return;
  const owner = await ownerOf(join(dataDir, 'secrets.json'));
  if (owner === undefined || owner === ROOT) return;
  throw new CodedError(
    'data-directory-foreign',
    `${dataDir} belongs to user ${owner}, and this is root: start as that user, or make it root's for good by chown -R root ${dataDir}`,
    { details: { uid: owner } },
  );
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).uid;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
