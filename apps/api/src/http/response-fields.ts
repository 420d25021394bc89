import { ApiProperty } from '@nestjs/swagger';

/* What answers look like, for OpenAPI. The presenters beside the controllers fill them. */

export const id = '019c96a0-10d2-7134-ba5f-664142ee7052';
export const time = '2025-01-15T10:30:00.000Z';
export const user = 'user@example.com';

type More = Readonly<{ description?: string; maxLength?: number; deprecated?: boolean }>;
export const text = (example: string, more: More = {}) =>
  ApiProperty({ type: String, required: false, example, ...more });
export const always = (example: string, more: More = {}) =>
  ApiProperty({ type: String, required: true, example, ...more });
export const choice = (values: readonly string[], example: string, required = false) =>
  ApiProperty({ type: String, required, enum: [...values], example });
export const count = (example: number, description: string, required = true) =>
  ApiProperty({ type: 'integer', example, description, minimum: 0, required });
export const people = (description: string) =>
  ApiProperty({ type: [String], required: false, example: [user], description });
export const when = (required = true) =>
  ApiProperty({ type: String, format: 'date-time', example: time, required });

/** What every page of a list has beside its items. */
export class Page {
  @count(20, 'The most items a page has.') limit!: number;
  @ApiProperty({ type: Boolean, example: true, description: 'There is more in the direction you went.' })
  hasMore!: boolean;
  @text('eyJkIjoibiJ9', { description: 'Give it as `cursor` for the page after this one.' })
  nextCursor?: string;
  @text('eyJkIjoicCJ9', { description: 'Give it as `cursor` for the page before this one.' })
  prevCursor?: string;
}
