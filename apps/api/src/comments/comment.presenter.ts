import type { Comment } from '@redress/domain';
import { etag } from '../http/conditional';
import { HttpAnswer } from '../http/http-answer';

type Wire = Record<string, unknown>;

export const commentBody = ({ deletedAt: _deletedAt, ...comment }: Comment): Wire => comment;

export const commentAnswer =
  (status: number) =>
  ({ state }: { state: Comment }): HttpAnswer =>
    HttpAnswer.json(status, commentBody(state), { etag: etag(state.version) });
