import { Controller, Get, Header, type OnModuleDestroy } from '@nestjs/common';
import { Public } from '../auth/auth.guard';
import { Problem } from '../http/problem';
import { withinPatience } from './patience';

/** Asks what this process cannot work without. */
export abstract class ReadinessProbe {
  /** Rejects when the database does not answer. It may take its time: the caller does not wait for it. */
  abstract check(): Promise<void>;
}

type Up = { status: 'up' };

@Controller('health')
export class HealthController implements OnModuleDestroy {
  private stopping = false;
  private checking: Promise<void> | undefined;

  constructor(private readonly probe: ReadinessProbe) {}

  /** The first of Nest's shutdown hooks: the load balancer should know before connections are refused. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** The process runs. Says nothing about the database: restarting this process would not bring that back. */
  @Public()
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): Up {
    return { status: 'up' };
  }

  /** Requests can be served now. */
  @Public()
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<Up> {
    if (this.stopping) throw unavailable('The service is shutting down: ask another instance.');
    try {
      // Whoever asks meanwhile shares the answer, so that a public route cannot use up the database connections.
      this.checking ??= withinPatience(this.probe.check()).finally(() => (this.checking = undefined));
      await this.checking;
    } catch {
      throw unavailable('The database does not answer: try again shortly.');
    }
    return { status: 'up' };
  }
}

const unavailable = (message: string): Problem =>
  new Problem('service_unavailable', message, undefined, { 'Retry-After': '1', 'Cache-Control': 'no-store' });
