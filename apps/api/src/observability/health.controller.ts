import { Controller, Get, Header, type OnModuleDestroy } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { choice } from '../http/response-fields';
import { Route } from '../http/route';
import { Problem } from '../problems/problem';
import { withinASecond } from './public-route';

/** Asks what this process cannot work without. */
export abstract class ReadinessProbe {
  /**
   * Answers why requests cannot be served, undefined when they can; rejects when the database does not answer. It may
   * take its time: the caller does not wait for it.
   */
  abstract check(): Promise<string | undefined>;
}

class Up {
  @choice(['up'], 'up', true) status!: 'up';
}

const up = { status: 200, type: Up, description: 'It does.' };

@ApiTags('Operation')
@Controller('health')
export class HealthController implements OnModuleDestroy {
  private stopping = false;
  private checking: Promise<string | undefined> | undefined;

  constructor(private readonly probe: ReadinessProbe) {}

  /** The first of Nest's shutdown hooks: the load balancer should know before connections are refused. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** The process runs. Says nothing about the database: restarting this process would not bring that back. */
  @Route({
    id: 'live',
    summary: 'Tell whether the process runs',
    description: 'Says nothing about the database.',
    scope: 'public',
    answers: [up],
  })
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): Up {
    return { status: 'up' };
  }

  /** Requests can be served now. */
  @Route({
    id: 'ready',
    summary: 'Tell whether requests can be served',
    description:
      '503 while the database does not answer, or takes no changes. It writes nothing, so it does not tell of a full disk.',
    scope: 'public',
    answers: [up],
  })
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<Up> {
    if (this.stopping) throw unavailable('The service is shutting down: ask another instance.');
    // One check at a time, however long it takes: a public route cannot use up the database connections.
    this.checking ??= this.probe.check().finally(() => (this.checking = undefined));
    const reason = await withinASecond(this.checking).catch(
      () => 'The database does not answer: try again shortly.',
    );
    if (reason !== undefined) throw unavailable(reason);
    return { status: 'up' };
  }
}

const unavailable = (message: string): Problem =>
  new Problem('service_unavailable', message, undefined, { 'Retry-After': '1', 'Cache-Control': 'no-store' });
