// A handler that switches on the name, and needs no cast to read the data.
import type { KnownEvent, OfframpOrder, OnrampOrder } from './events';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export function handle(event: KnownEvent): string {
  // Any value may come; a string is the only one that means something.
  const token = typeof event.bootstrapTokenId === 'string' ? event.bootstrapTokenId.trim() : undefined;
  switch (event.name) {
    case 'order:crypto-onramp:completed': {
      same<typeof event.data, OnrampOrder>(true);
      // Of an amount, `any` and `unknown` would not compile here.
      same<unknown extends typeof event.data.destination.amount ? true : false, false>(true);
      const { amount, asset } = event.data.destination;
      // An optional object, and each of its fields, may be `null` or absent.
      const hash: string | null | undefined = event.data.destination.ledger?.txid;
      return `${token}: sent ${amount.toString()} ${asset.toUpperCase()} in ${hash}`;
    }
    case 'order:crypto-onramp:committed':
    case 'order:crypto-onramp:charged':
    case 'order:crypto-onramp:crypto-sent':
    case 'order:crypto-onramp:expired':
    case 'order:crypto-onramp:failed':
    case 'order:crypto-onramp:refund:completed':
      same<typeof event.data, OnrampOrder>(true);
      return event.data.status;
    case 'order:crypto-offramp:committed':
    case 'order:crypto-offramp:funds-sent':
    case 'order:crypto-offramp:funds-received':
    case 'order:crypto-offramp:completed':
    case 'order:crypto-offramp:expired':
    case 'order:crypto-offramp:failed':
    case 'order:crypto-offramp:refund:completed':
      same<typeof event.data, OfframpOrder>(true);
      return event.data.origin.network;
    case 'user:created':
      return event.data.user.createdAt;
    case 'user:logged-in':
      return event.data.authenticationMethod;
    case 'user:kyc:identity:initiated':
      return event.data.kycSession.initiatedAt;
    case 'user:kyc:identity:succeeded':
    case 'user:kyc:identity:failed':
      return event.data.kycSession.updatedAt;
    default: {
      const none: never = event;
      return none;
    }
  }
}
