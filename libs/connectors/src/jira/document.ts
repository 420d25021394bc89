import { plainText } from '@redress/domain';
import { listOf, member, textOf } from '../kit/json';

type Text = Readonly<{
  type: 'text';
  text: string;
  marks?: readonly [Readonly<{ type: 'link'; attrs: Readonly<{ href: string }> }>];
}>;
type Paragraph = Readonly<{
  type: 'paragraph';
  content: readonly (Text | Readonly<{ type: 'hardBreak' }>)[];
}>;

/** The Atlassian Document Format, as far as plain paragraphs need it. Text in it is text: no markup is looked for. */
export type JiraDocument = Readonly<{ version: 1; type: 'doc'; content: readonly Paragraph[] }>;

/** Jira takes 32,767 characters. Whether it counts what is around the text is not documented, so all of it counts here. */
export const longest = 32_767;

/** The paragraphs, as many as there is room for, and at the end the link and the mark, which are never left out. */
export function documentOf(
  paragraphs: readonly string[],
  { link, mark }: Readonly<{ link?: string | undefined; mark?: string }> = {},
): JiraDocument {
  const tail = [
    ...(link === undefined ? [] : [linkTo(link)]),
    ...(mark === undefined ? [] : [paragraph(mark)]),
  ];
  for (let room = longest; ; room = Math.floor(room * 0.9)) {
    const content = [...fitted(paragraphs, room).map(paragraph), ...tail];
    const document: JiraDocument = { version: 1, type: 'doc', content };
    if (JSON.stringify(document).length <= longest || room === 0) return document;
  }
}

function fitted(paragraphs: readonly string[], room: number): readonly string[] {
  let left = room;
  return paragraphs.flatMap((text) => {
    const plain = plainText(text, left);
    left -= plain.length;
    // Jira refuses a text that is empty.
    return plain === '' ? [] : [plain];
  });
}

const paragraph = (text: string): Paragraph => ({
  type: 'paragraph',
  content: text
    .split('\n')
    .flatMap((line, i) => [
      ...(i ? [{ type: 'hardBreak' as const }] : []),
      ...(line ? [{ type: 'text' as const, text: line }] : []),
    ]),
});

const linkTo = (href: string): Paragraph => ({
  type: 'paragraph',
  content: [{ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] }],
});

/** Whether a document that came from Jira has a paragraph that says this and nothing else. */
export const hasParagraph = (document: unknown, text: string): boolean =>
  (listOf(member(document, 'content')) ?? []).some((block) => paragraphText(block) === text);

/** All that a paragraph which came from Jira says. */
export const paragraphText = (block: unknown): string =>
  (listOf(member(block, 'content')) ?? [])
    .map((node) => textOf(member(node, 'text')) ?? '\n')
    .join('')
    .trim();
