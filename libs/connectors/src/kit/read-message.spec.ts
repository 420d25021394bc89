import { messageLimits } from '../../../../apps/api/src/json/json-limits';
import { messageReader } from '../../../../apps/api/src/json/message-reader';
import { parseJiraMessage } from '../jira/inbound';

const id = '019c96a0-10ce-75fc-a273-dc799079a99c';
const read = (event: unknown) => parseJiraMessage(Buffer.from(JSON.stringify(event)), messageReader);
const fields = (n: number) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`customfield_${i}`, null]));
const comment = (body: unknown) => ({ webhookEvent: 'comment_created', comment: { body } });
const paragraph = (text: string) => ({ type: 'paragraph', content: [{ type: 'text', text }] });

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
