import { plainLine } from '@redress/domain';
import { readReply, type Outbound, type Reply } from '../kit/http-result';
import type { ExternalTicket } from '../kit/connector';
import { listOf, member, textOf } from '../kit/json';
import type { JiraSecrets, JiraSettings } from './settings';

/** Keys of projects have at most 255 characters and numbers are 64-bit integers; real ones are much shorter. */
const issueKey = /^[A-Z][A-Z0-9_]{0,99}-\d{1,19}$/i;
const number = /^\d{1,19}$/;
/** A comment may have some 32,000 characters, and as a document several bytes for each. */
const pageBytes = 8 * 1024 * 1024;

/** The entity property that issues and comments of Redress have. */
export const property = 'redress';

/** Requests to one Jira, signed in, and the references of what its answers name. */
export class JiraClient {
  private readonly site: string;
  private readonly credentials: string;

  constructor(
    private readonly settings: Pick<JiraSettings & JiraSecrets, 'site' | 'email' | 'apiToken'>,
    private readonly outbound: Outbound,
  ) {
    this.site = settings.site.replace(/\/+$/, '');
    this.credentials = Buffer.from(`${settings.email}:${settings.apiToken}`).toString('base64');
  }

  async call(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Reply> {
    const answer = await this.outbound.request({
      method,
      url: `${this.site}/rest/api/3${path}`,
      headers: {
        authorization: `Basic ${this.credentials}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal,
      maxAnswerBytes: pageBytes,
    });
    return readReply('Jira', answer, complaints, [this.credentials, this.settings.apiToken]);
  }

  /** The issue that an answer names; undefined where it names none. */
  ticket(issue: unknown): ExternalTicket | undefined {
    const key = member(issue, 'key');
    if (!isIssueKey(key)) return undefined;
    const id = textOf(member(issue, 'id'));
    return { reference: key, ...this.address(key), ...(id !== undefined && number.test(id) && { id }) };
  }

  /** The comment that an answer names. */
  note(issue: string, comment: unknown): ExternalTicket | undefined {
    const id = textOf(member(comment, 'id'));
    if (id === undefined || !number.test(id)) return undefined;
    return { reference: id, ...this.address(`${issue}?focusedCommentId=${id}`) };
  }

  /** Users cannot browse behind the gateway. */
  private address(page: string): Readonly<{ url?: string }> {
    return /\/ex\/jira\/[^/]+$/.test(this.site) ? {} : { url: `${this.site}/browse/${page}` };
  }
}

export const isIssueKey = (key: unknown): key is string => typeof key === 'string' && issueKey.test(key);

export const notAKey = (reference: string): string =>
  `${plainLine(reference, 60)} is not the key of a Jira issue`;

/** What Jira says is wrong with fields, by their names. */
export const fieldProblems = (body: unknown): readonly (readonly [field: string, problem: string])[] =>
  Object.entries(member(body, 'errors') ?? {}).flatMap(([field, problem]) =>
    typeof problem === 'string' ? [[field, problem] as const] : [],
  );

/** What Jira says is wrong: sentences of its own, and one for each field. */
const complaints = (body: unknown): readonly string[] => [
  ...(listOf(member(body, 'errorMessages')) ?? []).flatMap((message) => textOf(message) ?? []),
  ...fieldProblems(body).map(([field, problem]) => `${field}: ${problem}`),
];
