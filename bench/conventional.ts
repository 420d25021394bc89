import 'reflect-metadata';
import { createHash, createSecretKey, randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Headers,
  HttpCode,
  Injectable,
  Module,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Req,
  UnprocessableEntityException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { DataSource } from 'typeorm';
import { ExceptionEntity, HistoryEntity, ReplyEntity } from './support/entities';
import { tenant as onlyTenant } from './support/setting';

/*
 * The same work as it is usually done with NestJS and TypeORM: a passport strategy, a validated body, and a transaction
 * with a row lock, findOne and save. Same web server, same tables, same role. The token is checked with a key object,
 * which tutorials do not do, since otherwise that alone would decide the comparison.
 */

type Caller = { sub: string; tenantId: string };

class ForceMatchDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(255)
  overrideReason!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(1000)
  notes!: string;
}

const secret = createSecretKey(process.env['JWT_SECRET'] ?? '', 'utf8');

// The types of passport-jwt know text alone, jsonwebtoken takes a key object as well.
const secretOrKeyProvider: SecretOrKeyProvider = (_request, _token, done) => done(null, secret as never);

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider,
      algorithms: ['HS256'],
    });
  }

  validate(claims: Caller): Caller {
    return claims;
  }
}

@Injectable()
class ExceptionsService {
  constructor(private readonly dataSource: DataSource) {}

  forceMatch(caller: Caller, id: string, key: string, body: ForceMatchDto): Promise<object> {
    const { tenantId, sub: actor } = caller;
    const fingerprint = sha256(JSON.stringify(body)).toString('base64url');
    const replyKey = sha256(`${actor} ${id} ${key}`).toString('base64url');
    return this.dataSource.transaction(async (manager) => {
      const [exceptions, history, replies] = [
        manager.getRepository(ExceptionEntity),
        manager.getRepository(HistoryEntity),
        manager.getRepository(ReplyEntity),
      ];
      const earlier = await replies.findOne({ where: { tenantId, key: replyKey } });
      if (earlier && earlier.fingerprint !== fingerprint) throw new UnprocessableEntityException();
      if (earlier) return JSON.parse(earlier.answer) as object;

      const exception = await exceptions.findOne({
        where: { tenantId, id },
        lock: { mode: 'pessimistic_write' },
      });
      if (!exception) throw new NotFoundException();
      if (exception.status === 'RESOLVED') throw new UnprocessableEntityException();

      const now = new Date();
      const before = exception.historyHead;
      exception.status = 'RESOLVED';
      exception.resolutionType = 'FORCE_MATCH';
      exception.resolutionReason = body.overrideReason;
      exception.resolutionNotes = body.notes;
      exception.resolvedAt = now;
      exception.resolvedBy = actor;
      exception.updatedAt = now;
      exception.version += 1;
      exception.historySeq += 1;
      const payload = JSON.stringify({
        type: 'exception.force_matched',
        exceptionId: id,
        actor,
        at: now,
        ...body,
      });
      exception.historyHead = sha256(tenantId, id, String(exception.historySeq), before, payload);
      await exceptions.save(exception);
      await history.save({
        tenantId,
        exceptionId: id,
        seq: exception.historySeq,
        id: randomUUID(),
        type: 'exception.force_matched',
        at: now,
        payload,
        prevHash: before,
        hash: exception.historyHead,
      });
      const { historyHead, historySeq, tenantId: _, ...shown } = exception;
      await replies.save({
        tenantId,
        key: replyKey,
        fingerprint,
        answer: JSON.stringify(shown),
        expiresAt: new Date(now.getTime() + 7 * 86_400_000),
      });
      return shown;
    });
  }
}

@UseGuards(AuthGuard('jwt'))
@Controller('v1/exceptions')
class ExceptionsController {
  constructor(private readonly service: ExceptionsService) {}

  @Post(':id/force-match')
  @HttpCode(200)
  forceMatch(
    @Req() request: { user: Caller },
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('x-idempotency-key') key: string,
    @Body() body: ForceMatchDto,
  ): Promise<object> {
    return this.service.forceMatch(request.user, id, key, body);
  }
}

@Module({
  imports: [PassportModule],
  controllers: [ExceptionsController],
  providers: [JwtStrategy, ExceptionsService, { provide: DataSource, useFactory: connect }],
})
class AppModule {}

function connect(): Promise<DataSource> {
  return new DataSource({
    type: 'postgres',
    url: process.env['DATABASE_URL'] ?? '',
    entities: [ExceptionEntity, HistoryEntity, ReplyEntity],
    poolSize: Number(process.env['DATABASE_POOL']),
    // It serves one tenant, so that one is set once per connection.
    extra: { options: `-c role=redress_app -c redress.tenant=${onlyTenant} -c jit=off` },
  }).initialize();
}

function sha256(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

async function start(): Promise<void> {
  const options = { logger: ['warn', 'error'] as ('warn' | 'error')[] };
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), options);
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
}

process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
void start();
