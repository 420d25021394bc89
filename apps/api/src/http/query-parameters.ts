import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

type Documented = Readonly<{
  description: string;
  schema: Readonly<Record<string, unknown>>;
  list?: boolean;
}>;

/** Describes the parameters of a list from the table that reads them. */
export const QueryParameters = (parameters: Readonly<Record<string, Documented>>): MethodDecorator =>
  applyDecorators(
    ...Object.entries(parameters).map(([name, { description, schema, list }]) =>
      ApiQuery({ name, required: false, description, schema, ...(list && { style: 'form', explode: true }) }),
    ),
  );
