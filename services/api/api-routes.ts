import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { App } from '../../libs/http/app.ts';

/** The app as routes are added to it: requests and answers are typed by their schemas. */
export const typed = (app: App) => app.withTypeProvider<TypeBoxTypeProvider>();
export type ApiRoutes = ReturnType<typeof typed>;
