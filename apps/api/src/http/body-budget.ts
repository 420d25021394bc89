import { Problem } from '../problems/problem';

/**
 * Bytes of request bodies that this process holds at a time, in all and from one peer address. What is beyond is refused
 * while it arrives, so that memory is bounded by this and not by the number of clients.
 */
export class BodyBudget {
  private held = 0;
  private readonly byPeer = new Map<string, number>();

  /** One body always fits, also into the quarter that one peer may hold. */
  constructor(
    private readonly maxBytes: number,
    private readonly maxBodyBytes: number,
  ) {}

  /** Why a peer may not hold so many more bytes; undefined once it holds them. */
  take(peer: string, bytes: number): Problem | undefined {
    const own = (this.byPeer.get(peer) ?? 0) + bytes;
    const most = Math.max(this.maxBytes, this.maxBodyBytes);
    if (this.held + bytes > most) return tooMuch('all clients');
    if (own > Math.max(most / 4, this.maxBodyBytes)) return tooMuch('your address');
    this.held += bytes;
    if (own > 0) this.byPeer.set(peer, own);
    else this.byPeer.delete(peer);
    return undefined;
  }
}

const tooMuch = (whose: string): Problem =>
  new Problem(
    'service_unavailable',
    `Requests of ${whose} hold as many bytes of bodies as this service takes at a time: send the request again.`,
    undefined,
    { 'retry-after': '1' },
  );
