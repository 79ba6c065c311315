import { testDatabase } from '../../support/stack/test-database.ts';
import { busContract } from './contract.ts';

busContract('PostgreSQL', async (t) => ({ DATABASE_URL: (await testDatabase(t)).connectionString }));
