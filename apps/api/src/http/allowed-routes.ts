import { ApiProperty } from '@nestjs/swagger';
import type { AllowedAction as Answer } from '@redress/domain/actions';
import type { Caller } from '../auth/caller';
import type { Scope } from '../auth/scopes';
import { text } from './response-fields';

/* Allowed actions of a resource: which of its routes the caller can use now, and why not the others. */

export class AllowedAction {
  @ApiProperty({ type: Boolean, example: true }) allowed!: boolean;
  @ApiProperty({ type: String, enum: ['POST'], example: 'POST' }) method!: string;
  @ApiProperty({
    type: String,
    format: 'uri-reference',
    example: '/v1/exceptions/019c96a0-10d2-7134-ba5f-664142ee7052/assign',
    description: 'Where the command is sent.',
  })
  href!: string;
  @ApiProperty({
    type: [String],
    required: false,
    example: ['MANUAL', 'JIRA'],
    description: 'Of `dispatch`: the values that `targetSystem` can have now.',
  })
  targets?: string[];
  @ApiProperty({
    type: [String],
    required: false,
    example: ['OTHER'],
    description: 'Of `disputes`: the values that `category` can have now.',
  })
  categories?: string[];
  @text('not_allowed', { description: 'Why not: the title of the error that the route would answer.' })
  code?: string;
  @text('unassign is not possible while the status is OPEN.', { description: 'The message of that error.' })
  reason?: string;
}

/** The member of a response that has an answer for each of these routes. */
export const AllowedRoutes = (paths: readonly string[]) =>
  ApiProperty({
    type: 'object',
    required: [...paths],
    selfRequired: true,
    // The type of the decorator leaves out that a schema may be a reference.
    properties: Object.fromEntries(
      paths.map((path) => [path, { $ref: '#/components/schemas/AllowedAction' }]),
    ) as never,
    additionalProperties: false,
    description: 'For each route that changes it, by its name: whether you can use it now, and if not, why.',
  });

type Routes<Action extends string> = Readonly<Record<Action, Readonly<{ scope: Scope; path: string }>>>;

/** route → whether the caller can use it, by the path of the route below that of the resource. */
export const allowedRoutes = <Action extends string>(
  answers: Readonly<Record<Action, Answer>>,
  routes: Routes<Action>,
  { scopes }: Pick<Caller, 'scopes'>,
  resource: string,
): Record<string, AllowedAction> =>
  Object.fromEntries(
    Object.entries<Answer>(answers).map(([action, answer]) => {
      const { scope, path } = routes[action as Action];
      const { allowed, ...rest } = scopes.has(scope) ? answer : missingScope(scope);
      return [path, { allowed, method: 'POST', href: `${resource}/${path}`, ...rest }];
    }),
  ) as unknown as Record<string, AllowedAction>;

const missingScope = (scope: Scope) => ({
  allowed: false,
  code: 'insufficient_scope',
  reason: `This needs the scope ${scope}.`,
});
