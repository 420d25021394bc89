import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { Refusal } from '@redress/domain';
import { connectionTargets, type ConnectionTarget } from '@redress/domain/integrations';
import { invalidRequest } from '../problems/problem';

const targetPath: PipeTransform<string, ConnectionTarget> = {
  transform(value) {
    const target = connectionTargets.find((one) => one === value);
    if (target) return target;
    throw invalidRequest({ target: `must be one of ${connectionTargets.join(', ')}` });
  },
};

export const Target = () => Param('target', targetPath);

export const ApiTarget = () =>
  ApiParam({
    name: 'target',
    description: 'External system.',
    schema: { type: 'string', enum: [...connectionTargets] },
  });

export const connectionNotFound = (target: ConnectionTarget): Refusal => ({
  code: 'not_found',
  what: 'connection',
  id: target,
});
