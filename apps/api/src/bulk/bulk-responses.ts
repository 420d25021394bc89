import { ApiProperty } from '@nestjs/swagger';
import { always, count, id, text } from '../http/response-fields';

export class BulkFailure {
  @always(id) exceptionId!: string;
  @always('not_allowed', {
    description: 'As the title of the error a single command would be answered with.',
  })
  code!: string;
  @always('resolve is not possible while the status is RESOLVED; nothing more can happen to it.')
  error!: string;
}

export class BulkResponse {
  @ApiProperty({ type: [String], example: [id], description: 'Those it was done to.' }) succeeded!: string[];
  @ApiProperty({ type: [BulkFailure], description: 'Those that were left as they are, and why.' })
  failed!: BulkFailure[];
  @ApiProperty({
    type: [String],
    required: false,
    example: [id],
    description: 'Those among the succeeded that await approval now.',
  })
  proposed?: string[];
  @count(2, 'Different ids there were.') total!: number;
  @ApiProperty({ type: Boolean, required: false, example: false, description: 'Set when nothing was done.' })
  preview?: boolean;
}

export class EditFailure {
  @count(17, 'Line in the file, counted from 1.') line!: number;
  @text(id) exceptionId?: string;
  @always('stale_version', {
    description: 'As the title of the error a single command would be answered with.',
  })
  code!: string;
  @always('Version 2 was asked for, but it is at version 3; read it again.') error!: string;
}

export class EditResponse {
  @count(120, 'Lines that held something.') received!: number;
  @count(34, 'Exceptions that were assigned, unassigned or resolved.') changed!: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    example: 2,
    description: 'How many of the changed await approval now.',
  })
  proposed?: number;
  @count(84, 'Lines that say what is so already.') unchanged!: number;
  @count(2, 'Lines that were refused.') failed!: number;
  @ApiProperty({ type: [EditFailure], description: 'The first 1,000 of them.' }) failures!: EditFailure[];
  @ApiProperty({
    type: 'integer',
    required: false,
    example: 12,
    description: 'How many more there are; left out when all are listed.',
  })
  failuresNotListed?: number;
  @ApiProperty({ type: Boolean, required: false, example: false, description: 'Set when nothing was done.' })
  preview?: boolean;
}

export class RejectedLine {
  @count(17, 'Line in the file, counted from 1.') line!: number;
  @always('invalid_request') code!: string;
  @text('amount') field?: string;
  @always('amount may have at most 0 fraction digits in JPY.') message!: string;
}

export class ImportResponse {
  @count(5200, 'Lines that held something.') received!: number;
  @count(5044, 'New exceptions.') raised!: number;
  @count(104, 'Reports of exceptions that were there already.') seenAgain!: number;
  @count(52, 'Lines that were refused.') rejected!: number;
  @ApiProperty({ type: [RejectedLine], description: 'The first 1,000 of them.' })
  rejectedLines!: RejectedLine[];
  @ApiProperty({
    type: 'integer',
    required: false,
    example: 12,
    description: 'How many more there are; left out when all are listed.',
  })
  rejectedLinesNotListed?: number;
  @ApiProperty({ type: Boolean, required: false, example: false, description: 'Set when nothing was done.' })
  preview?: boolean;
}
