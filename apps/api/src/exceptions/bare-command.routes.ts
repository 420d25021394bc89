import { Body, Post } from '@nestjs/common';
import { exceptionRefusals } from '@redress/domain/actions';
import { addRoute } from '../http/add-route';
import { EmptyRequest } from '../http/empty-request';
import type { HttpAnswer } from '../http/http-answer';
import { Context, type RequestContext } from '../http/request-context';
import { ApiExceptionId, ExceptionId } from '../http/route';
import { CommandRoute } from '../idempotency/command-route';
import { bareCommands, type BareCommand } from '../exception-dto/exception-commands';
import { ExceptionResponse } from '../exception-dto/exception-responses';

type Handling = Readonly<{
  handleBare(id: string, type: BareCommand, context: RequestContext): Promise<HttpAnswer>;
}>;

/** Class decorator: gives a controller the route of every command without fields. */
export const BareCommandRoutes = () => (controller: new (...args: never[]) => Handling) => {
  for (const [type, options] of Object.entries(bareCommands) as [
    BareCommand,
    (typeof bareCommands)[BareCommand],
  ][])
    addRoute(controller, type, {
      handler(this: Handling, id: string, _body: EmptyRequest, context: RequestContext) {
        return this.handleBare(id, type, context);
      },
      parameters: [
        { decorator: ExceptionId(), type: String },
        { decorator: Body(), type: EmptyRequest },
        { decorator: Context(), type: Object },
      ],
      decorators: [
        Post(type.replaceAll('_', '-')),
        CommandRoute({
          ...options,
          id: `${type.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}Exception`,
          answers: [
            { status: 200, type: ExceptionResponse, description: 'The exception as it is now.', etag: true },
          ],
          refusals: ['not_found', ...exceptionRefusals[type]],
        }),
        ApiExceptionId(),
      ],
    });
};
