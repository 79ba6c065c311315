import { writeFileSync } from 'node:fs';
import { readDocument } from './api-document.ts';
import { writeContract } from './contract.ts';

/** `npx node checks/console/write-contract.ts`: writes console/api/contract.ts anew. */
writeFileSync(new URL('../../console/api/contract.ts', import.meta.url), writeContract(await readDocument()));
