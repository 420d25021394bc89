import { limits } from '@redress/domain';
import { maxReasonCodes, reasonCodesProblem, reasonedCommands } from '@redress/domain/settings';
import type { ReasonCodes } from '@redress/domain';
import { field } from '../http/fields';
import { givenMembers } from '@redress/formats';

const freeText = 'free_text';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The commands with the members of their codes that are given. */
const plainCommands = (value: unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, list]) => [name, plainList(list)]))
    : value;
const plainList = (list: unknown): unknown =>
  Array.isArray(list) ? list.map((entry: unknown) => (isRecord(entry) ? givenMembers(entry) : entry)) : list;

const code = {
  type: 'object',
  required: ['code', 'label'],
  additionalProperties: false,
  properties: {
    code: { type: 'string', minLength: 1, maxLength: limits.reasonCode },
    label: { type: 'string', minLength: 1, maxLength: limits.reasonLabel },
    active: { type: 'boolean', description: 'false: known, but taken no more.' },
  },
};
const list = {
  oneOf: [
    { type: 'string', enum: [freeText] },
    { type: 'array', minItems: 1, maxItems: maxReasonCodes, items: code },
  ],
};

/** Requests and answers have the same shape. */
export const reasonCodesSchema = {
  type: 'object' as const,
  required: [...reasonedCommands],
  additionalProperties: false,
  properties: Object.fromEntries(reasonedCommands.map((command) => [command, list])),
};

export const reasonCodesExample: ReasonCodes = {
  force_match: [{ code: 'BUSINESS_DECISION', label: 'Decided by the business' }],
  adjust_entry: [
    { code: 'FEE_ADJUSTMENT', label: 'Bank fee' },
    { code: 'ROUNDING', label: 'Rounding difference', active: false },
  ],
  resolve: freeText,
};

export class PutReasonCodes {
  @field(
    'reason_codes',
    reasonCodesProblem,
    {
      read: plainCommands,
      example: reasonCodesExample,
      description:
        'For each command any text, or the codes that are taken. They are compared letter by letter.',
    },
    { ...reasonCodesSchema, selfRequired: true },
  )
  commands!: ReasonCodes;
}
