import { codeOf } from '../errors/coded-error.ts';
import { isConnectionError, isPartitionMade } from './sql-state.ts';
import { VALUE_UNWRITABLE } from './unwritable-value.ts';

/**
 * Applies a batch; when it fails for what is in it, and not for the database being away, halves it until the
 * records that cannot be stored are alone, and gives these to `setAside`. The rest of the batch is stored.
 * @throws any other error: the bus delivers the batch again
 */
export async function applyWithoutPoison<T>(
  items: readonly T[],
  apply: (items: readonly T[]) => Promise<void>,
  setAside: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  try {
    await apply(items);
  } catch (error) {
    if (isConnectionError(error) || !isAboutData(error)) throw error;
    if (items.length === 1) return setAside(first, error);
    const middle = items.length >> 1;
    await applyWithoutPoison(items.slice(0, middle), apply, setAside);
    await applyWithoutPoison(items.slice(middle), apply, setAside);
  }
}

/**
 * SQLSTATE classes that a record can be the reason of: data exceptions (22), violated constraints (23), limits of a row
 * or an index (54), and what cannot be written for PostgreSQL at all. A missing table or a right is not the record's fault, nor is a
 * partition that was made meanwhile, nor an error without a code: that is ours.
 */
function isAboutData(error: unknown): boolean {
  if (isPartitionMade(error)) return false;
  const code = codeOf(error);
  return code === VALUE_UNWRITABLE || /^(22|23|54)...$/.test(code);
}
