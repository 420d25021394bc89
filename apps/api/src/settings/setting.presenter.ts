import { type ReasonLists, type SettingVersion } from '@redress/domain';
import { reasonedCommands } from '@redress/domain/settings';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;
type ReasonVersion = SettingVersion<ReasonLists>;

export const reasonCodesBody = ({ accepted: _kept, ...version }: ReasonVersion): Wire => version;

/** Without lists, any text is a reason. */
const none = {
  version: 0,
  commands: Object.fromEntries(reasonedCommands.map((name) => [name, 'free_text'])),
};

export const reasonCodesAnswer = (latest: ReasonVersion | undefined): HttpAnswer =>
  HttpAnswer.json(200, latest ? reasonCodesBody(latest) : none, { etag: etag(latest?.version ?? 0) });
