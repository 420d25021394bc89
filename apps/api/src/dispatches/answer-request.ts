import { limits } from '@redress/domain';
import { problemLength } from '@redress/domain/integrations';
import { Flag, Text } from '../http/fields';

export class DispatchAnswerRequest {
  @Flag({ description: 'Whether it is there.', example: true })
  arrived!: boolean;

  @Text(limits.queue, {
    optional: true,
    description: 'What it is called there, if it is.',
    example: 'L-4711',
  })
  reference?: string;

  @Text(problemLength, { optional: true, description: 'Why it is not and will not be there, if so.' })
  reason?: string;
}
