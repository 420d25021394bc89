import { newId } from '../../apps/api/src/ids';
import { startTestApp, type Json, type Person, type TestApp } from '../support/app';

let service: TestApp;
let ana: Person;
let bo: Person;

beforeAll(async () => {
  service = await startTestApp();
  ana = service.person();
  bo = service.person({ tenant: ana.tenant, actor: 'bo@example.com' });
}, 60_000);
afterAll(() => service.close());

const pathOf = (exceptionId: string) => `/v1/exceptions/${exceptionId}/comments`;

/** Says so many things about an exception of its own; answers where, and what was answered. */
async function discussed(count: number): Promise<{ path: string; comments: Json[] }> {
  const { id } = await ana.raise();
  const path = pathOf(id);
  const comments: Json[] = [];
  for (let i = 0; i < count; i++) {
    const { status, body } = await (i % 2 ? bo : ana).post(path, { content: `Thought ${i}, "quoted"\n🙂` });
    expect(status).toBe(201);
    comments.push(body);
  }
  return { path, comments };
}

const contents = (items: readonly Json[]): string[] => items.map(({ content }: Json) => content as string);

describe('the comments on an exception', () => {
  it('are listed oldest first, as they were answered when made', async () => {
    const { path, comments } = await discussed(5);
    const { status, body } = await ana.get(path);
    expect(status).toBe(200);
    expect(body).toEqual({ items: comments, limit: 20, hasMore: false });
  });

  it('are none at first, and are told newest first on request', async () => {
    const { path } = await discussed(0);
    expect((await ana.get(path)).body).toEqual({ items: [], limit: 20, hasMore: false });
    const other = await discussed(3);
    const { body } = await ana.get(`${other.path}?sort_order=desc`);
    expect(body.items).toEqual([...other.comments].reverse());
  });

  it('are shown as edited, where they stood, and no more once deleted', async () => {
    const { path, comments } = await discussed(4);
    const edited = await ana.send('PATCH', `${path}/${comments[0].id}`, {
      body: { content: 'On reflection.' },
    });
    expect((await ana.send('DELETE', `${path}/${comments[2].id}`)).status).toBe(204);
    const { body } = await bo.get(path);
    expect(body.items).toEqual([edited.body, comments[1], comments[3]]);
    expect(JSON.stringify(body)).not.toContain('deletedAt');
    for (const [person, { id }] of [
      [ana, comments[0]],
      [bo, comments[1]],
      [bo, comments[3]],
    ] as const)
      expect((await person.send('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await ana.get(path)).body).toEqual({ items: [], limit: 20, hasMore: false });
  });

  it('are walked forward and back, each once, while others are being made and deleted', async () => {
    const { path, comments } = await discussed(9);
    const seen: string[] = [];
    let page = (await ana.get(`${path}?limit=2`)).body;
    for (;;) {
      seen.push(...contents(page.items));
      if (page.nextCursor === undefined || seen.length > 20) break;
      // What was seen may go, and what is new comes last. The first of each page is one of ana's.
      expect((await ana.send('DELETE', `${path}/${page.items[0].id}`)).status).toBe(204);
      if (seen.length < 6) await ana.post(path, { content: `Late ${seen.length}` });
      page = (await ana.get(`${path}?limit=2&cursor=${page.nextCursor}`)).body;
    }
    expect(seen).toEqual([...contents(comments), 'Late 2', 'Late 4']);
    expect(page.hasMore).toBe(false);
    const back = (await ana.get(`${path}?limit=2&cursor=${page.prevCursor}`)).body;
    expect(contents(back.items)).toEqual([comments[7].content, 'Late 2']);
  });

  it('have pages that are empty rather than missing', async () => {
    const { path, comments } = await discussed(3);
    const { nextCursor } = (await ana.get(`${path}?limit=2`)).body;
    await ana.send('DELETE', `${path}/${comments[2].id}`);
    const { status, body } = await ana.get(`${path}?limit=2&cursor=${nextCursor}`);
    expect([status, body]).toEqual([200, { items: [], limit: 2, hasMore: false }]);
  });

  it('are not found where there is no exception, or only one of another tenant', async () => {
    const { path } = await discussed(1);
    for (const [person, where] of [
      [ana, pathOf(newId())],
      [service.person(), path],
    ] as const) {
      const { status, body } = await person.get(where);
      expect([status, body.title]).toEqual([404, 'not_found']);
    }
    const { status, body } = await ana.get(pathOf('RECON-1'));
    expect([status, Object.keys(body.details.fields)]).toEqual([400, ['exceptionId']]);
  });

  it.each([
    ['colour=red', 'colour'],
    ['author=ana', 'author'],
    ['sort_by=id', 'sort_by'],
    ['sort_order=up', 'sort_order'],
    ['limit=0', 'limit'],
    ['limit=1000', 'limit'],
    ['cursor=x', 'cursor'],
  ])('refuse %s by name', async (query, name) => {
    const { path } = await discussed(1);
    const { status, body } = await ana.get(`${path}?${query}`);
    expect([status, body.title, Object.keys(body.details.fields)]).toEqual([400, 'invalid_request', [name]]);
  });

  it('take no cursor of another exception', async () => {
    const [one, other] = [await discussed(3), await discussed(3)];
    const { nextCursor } = (await ana.get(`${one.path}?limit=1`)).body;
    expect((await ana.get(`${one.path}?limit=1&cursor=${nextCursor}`)).status).toBe(200);
    expect((await ana.get(`${other.path}?limit=1&cursor=${nextCursor}`)).status).toBe(400);
  });

  it('need the scope to see exceptions', async () => {
    const { path } = await discussed(1);
    const blind = service.person({ tenant: ana.tenant, scopes: ['comment:write'] });
    expect((await blind.get(path)).status).toBe(403);
    expect((await service.send('GET', path)).status).toBe(401);
  });
});
