import { messageLimits, messageReader } from '@redress/formats';
import { parseJiraMessage } from '../jira/inbound';
import { parseServiceNowMessage } from '../servicenow/inbound';

const id = '019c96a0-10ce-75fc-a273-dc799079a99c';
const read = (event: unknown) => parseJiraMessage(Buffer.from(JSON.stringify(event)), messageReader);
const fields = (n: number) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`customfield_${i}`, null]));
const comment = (body: unknown) => ({ webhookEvent: 'comment_created', comment: { body } });
const paragraph = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] });

describe('an authentic message', () => {
  const at = '2026-01-02T03:04:05.678+0000';
  const done = { name: 'Done', statusCategory: { key: 'done' } };
  const issue = (fields: string) =>
    `{"webhookEvent":"jira:issue_updated","issue":{"id":"10001","key":"OPS-1","fields":{"updated":"${at}",` +
    `"status":${JSON.stringify(done)}${fields}}}}`;
  const parse = (text: string) => parseJiraMessage(Buffer.from(text), messageReader);
  const deep = (levels: number) => '['.repeat(levels) + '"}]{\\"["' + ']'.repeat(levels);

  it.each([
    ['a lone surrogate', ',"summary":"cut \\ud83d"'],
    ['a lone low surrogate before a pair', ',"summary":"\\ude00\\ud83d\\ude00"'],
    ['U+0000', ',"summary":"a\\u0000b"'],
    ['deep nesting', `,"customfield_1":${deep(40)}`],
    ['very deep nesting', `,"customfield_1":${deep(200_000)}`],
    ['deep objects', `,"customfield_1":${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
  ])('may have %s where it is not read', (_what, fields) => {
    expect(parse(issue(fields))).toEqual({
      kind: 'jira:issue_updated',
      ...{ reference: 'OPS-1', ticketId: '10001', marks: [], at: '2026-01-02T03:04:05.678Z' },
      update: { type: 'done', notes: 'Done, in Jira' },
    });
  });

  it('is read with U+FFFD for what is no character', () => {
    const name = '"displayName":"Zo\\ud83d\\u0000 B."';
    const text = issue('').replace('"issue"', `"user":{${name}},"issue"`);
    expect(parse(text).update).toEqual({ type: 'done', notes: 'Done, in Jira by Zo\ufffd\ufffd B.' });
  });

  it.each([
    [
      'too many values',
      `,"a":[${Array(11)
        .fill(`[${Array(9_999).fill(0).join()}]`)
        .join()}]`,
    ],
    ['a member that is given twice', ',"customfield_1":1,"customfield_1":2'],
    ['a reserved name', ',"__proto__":{"key":"OPS-9"}'],
    ['a long name', `,"${'n'.repeat(1001)}":1`],
    ['a long number', `,"a":${'1'.repeat(1001)}`],
    ['brackets that never close', `,"a":${'['.repeat(100)}`],
    ['a string that is none, deep inside', `,"a":${'['.repeat(40)}"\\x"${']'.repeat(40)}`],
    ['no UTF-8', ',"a":"\xff"'],
  ])('is refused with %s', (_what, fields) => {
    const body = Buffer.from(issue(fields), _what === 'no UTF-8' ? 'latin1' : 'utf8');
    expect(parseJiraMessage(body, messageReader).kind).toBe('unreadable');
  });
});

describe('what a ticket that is done does', () => {
  const jira = (status: string, resolution: string | null, returns?: readonly string[]) =>
    parseJiraMessage(
      Buffer.from(
        JSON.stringify({
          webhookEvent: 'jira:issue_updated',
          issue: {
            key: 'OPS-1',
            fields: {
              updated: '2026-01-02T03:04:05.678+0000',
              status: { name: status, statusCategory: { key: 'done' } },
              resolution: resolution && { name: resolution },
            },
          },
        }),
      ),
      messageReader,
      returns && { returns },
    ).update.type;

  it.each([
    ['Done', 'Done', 'done'],
    ['Done', null, 'done'],
    ['Resolved', 'Fixed', 'done'],
    ['Done', "Won't Do", 'returned'],
    ['Done', 'Won’t do ', 'returned'],
    ['Closed', 'Duplicate', 'returned'],
    ['Closed', 'CANNOT REPRODUCE', 'returned'],
    ['Cancelled', null, 'returned'],
    ['Rejected', 'Done', 'returned'],
  ])('in Jira with the status %s and the resolution %s: %s', (status, resolution, type) => {
    expect(jira(status, resolution)).toBe(type);
    // Nothing returns where the connection says so, and what it names does.
    expect(jira(status, resolution, [])).toBe('done');
    expect(jira(status, resolution, [resolution ?? status])).toBe('returned');
  });

  const serviceNow = (state: string, closeCode: string, returns?: readonly string[]) =>
    parseServiceNowMessage(
      Buffer.from(
        JSON.stringify({
          ...{ type: 'incident.updated', number: 'INC1', sys_id: 'AB', state, close_code: closeCode },
          sys_updated_on: '2026-01-02 03:04:05',
        }),
      ),
      messageReader,
      returns && { returns },
    );

  it.each<[string, string, readonly string[] | undefined, string]>([
    ['6', 'Solved (Permanently)', undefined, 'done'],
    ['7', 'Duplicate', undefined, 'done'],
    ['8', '', undefined, 'returned'],
    ['8', '', [], 'done'],
    ['6', 'duplicate', ['8', 'Duplicate'], 'returned'],
    ['7', '', ['7'], 'returned'],
    ['2', '', ['2'], 'taken_up'],
  ])('in ServiceNow with state %s, close code %j and returns %j: %s', (state, code, returns, type) => {
    expect(serviceNow(state, code, returns)).toMatchObject({ ticketId: 'ab', update: { type } });
  });
});

describe('a message of Jira about a move', () => {
  it('has the key from before', () => {
    const items = [
      { field: 'project', fromString: 'Operations', toString: 'Finance' },
      { field: 'Key', fromString: 'OPS-1', toString: 'FIN-7' },
    ];
    const event = {
      webhookEvent: 'jira:issue_updated',
      issue: { id: '1', key: 'FIN-7' },
      changelog: { items },
    };
    expect(read(event)).toMatchObject({ reference: 'FIN-7', ticketId: '1', movedFrom: 'OPS-1' });
    expect(read({ ...event, changelog: { items: [null, {}, { field: 'Key' }] } })).not.toHaveProperty(
      'movedFrom',
    );
  });
});

describe('a message of Jira', () => {
  it('may have as many custom fields as a site has', () => {
    const event = (n: number) => ({ webhookEvent: 'jira:issue_deleted', issue: { fields: fields(n) } });
    expect(read(event(messageLimits.members))).toMatchObject({ update: { type: 'deleted' } });
    expect(read(event(messageLimits.members + 1))).toMatchObject({
      kind: 'unreadable',
      update: {
        type: 'unreadable',
        problem: expect.stringMatching(/issue\.fields.*more than 10000 members/),
      },
    });
  });

  it('is told as unreadable in a few words, however long it is', () => {
    const { update } = read({ ['n'.repeat(900)]: { ['m'.repeat(1001)]: 1 } });
    expect(update).toMatchObject({ type: 'unreadable' });
    expect(JSON.stringify(update).length).toBeLessThan(500);
  });

  it('tells comments of ours by their mark, at the end of a text or in a paragraph of its own', () => {
    const long = 'line\n'.repeat(100_000);
    const paragraphs = Array.from({ length: 5000 }, (_, i) => paragraph(`Paragraph ${i}.`));
    const mark = `redress-${id}`;
    const cases: [unknown, string][] = [
      [`Seen.\n\n${mark}`, 'echo'],
      [`${long}\r\n  ${mark}  \r\n`, 'echo'],
      [`Seen ${mark}`, 'nothing'],
      [long, 'nothing'],
      [{ content: [...paragraphs, paragraph(mark)] }, 'echo'],
      [{ content: [...paragraphs, paragraph(`Seen ${mark}`)] }, 'nothing'],
      [{ content: [{ content: [{ text: mark }, { text: ' and more' }] }] }, 'nothing'],
      [{ content: paragraphs }, 'nothing'],
    ];
    expect(cases.map(([body]) => read(comment(body)).update.type)).toEqual(cases.map(([, what]) => what));
  });
});
