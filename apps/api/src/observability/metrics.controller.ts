import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../auth/auth.guard';
import { Metrics } from './metrics';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** For Prometheus. Names no tenant, so it needs no token; whether it is served at all is configured. */
  @Public()
  @Get()
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.text();
  }
}
