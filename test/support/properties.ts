import { argv } from 'node:process';
import fc from 'fast-check';

/**
 * fast-check, which looks at the same cases in every run of the ordinary suite: who changes a file knows what broke it, and
 * nobody is held up by what another one's case found. Files named *.long.ts look at other cases each time.
 */
const SEED = 20_261_121;

if (argv[1]?.endsWith('.long.ts') !== true) fc.configureGlobal({ seed: SEED });

export default fc;
