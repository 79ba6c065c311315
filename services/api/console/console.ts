import type { App } from '../../../libs/http/app.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { addBundleRoutes, type BundleOptions } from './bundle-routes.ts';
import { SessionBook } from './session-book.ts';
import { addSessionRoutes } from './session-routes.ts';

/** Adds the console's pages and its sign-in to the api; gives the sessions, by which its requests are known. */
export function addConsole(app: App, pool: Pool, bundle: BundleOptions): SessionBook {
  const sessions = new SessionBook(pool);
  addBundleRoutes(app, bundle);
  void app.register(async (own) => addSessionRoutes(own as App, { app, pool, sessions }));
  return sessions;
}
