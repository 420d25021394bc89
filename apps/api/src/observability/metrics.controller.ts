import { Controller, Get, Header } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Route } from '../http/route';
import { Metrics } from './metrics';

@ApiTags('Operation')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** For Prometheus. Names no tenant, so it needs no token; whether it is served at all is configured. */
  @Route({
    id: 'metrics',
    summary: 'Read metrics',
    description: 'In the text format of Prometheus.',
    scope: 'public',
    answers: [{ status: 200, type: String, description: 'The metrics.' }],
  })
  @ApiProduces('text/plain')
  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.text();
  }
}
