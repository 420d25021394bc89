import { ApiProperty } from '@nestjs/swagger';
import { always, text } from './response-fields';

const facts = {
  type: 'object',
  additionalProperties: {},
  selfRequired: false,
  description: 'Facts; what is wrong with each field under `fields`.',
} as const;

/** The same as RFC 9457, for clients that accept application/problem+json. */
export class ProblemDetails {
  @always('urn:redress:problem:not_found', { description: 'URN of the title.' }) type!: string;
  @always('not_found', { description: 'What kind of failure: stable, for programs.' }) title!: string;
  @ApiProperty({ type: 'integer', example: 404 }) status!: number;
  @always('What to do about it.', { description: 'What to do about it: for people.' }) detail!: string;
  @ApiProperty(facts) details?: Record<string, unknown>;
}

/** The body of every answer that is an error. */
export class ErrorResponse {
  @always('404', { description: 'HTTP status as text.' }) code!: string;
  @always('not_found', { description: 'What kind of failure: stable, for programs.' }) title!: string;
  @always('There is no exception 019c96a0-10d2-7134-ba5f-664142ee7052.', {
    description: 'What to do about it: for people.',
  })
  message!: string;
  @text('There is no exception 019c96a0-10d2-7134-ba5f-664142ee7052.', {
    deprecated: true,
    description: 'The same as `message`.',
  })
  error?: string;
  @ApiProperty(facts)
  details?: Record<string, unknown>;
}
