import { reasonedCommands } from '@redress/domain';
import type { ReasonVersion } from './reason-codes';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;

export const reasonCodesBody = ({ accepted: _kept, ...version }: ReasonVersion): Wire => version;

/** Without lists, any text is a reason. */
const none = {
  version: 0,
  commands: Object.fromEntries(reasonedCommands.map((name) => [name, 'free_text'])),
};

export const reasonCodesAnswer = (latest: ReasonVersion | undefined): HttpAnswer =>
  HttpAnswer.json(200, latest ? reasonCodesBody(latest) : none, { etag: etag(latest?.version ?? 0) });
