import type { Schema, Schemas } from './hostile-bodies';

type Operation = Readonly<{ requestBody?: { content: Readonly<Record<string, { schema: Schema }>> } }>;
/** As much of the OpenAPI document as is needed to find every route that takes a body. */
export type ApiDocument = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: { schemas: Schemas };
}>;

type Taking = Readonly<{ method: string; path: string; type: string; schema: Schema }>;
export type JsonRoute = Taking;

const json = 'application/json';

const routesOf = ({ paths }: ApiDocument): Taking[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) =>
      Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => ({
        method: method.toUpperCase(),
        path,
        type,
        schema,
      })),
    ),
  );

export const isInbound = ({ path }: Pick<Taking, 'path'>): boolean => path.startsWith('/v1/inbound/');

/** Those that take JSON; inbound messages last, since before, connections come and go. */
export const jsonRoutes = (document: ApiDocument): JsonRoute[] =>
  routesOf(document)
    .filter(({ type }) => type === json)
    .sort((a, b) => Number(isInbound(a)) - Number(isInbound(b)));

/** Those that take a file, once for each type. */
export const fileRoutes = (document: ApiDocument): Taking[] =>
  routesOf(document).filter(({ type }) => type !== json);
