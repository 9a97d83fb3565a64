// What a receiver does first: tell an event that is documented from one with another name.
import type { Event, KnownEvent } from './events';
import { handle } from './handler';

const KNOWN: Record<KnownEvent['name'], true> = {
  'order:crypto-onramp:committed': true,
  'order:crypto-onramp:charged': true,
  'order:crypto-onramp:crypto-sent': true,
  'order:crypto-onramp:completed': true,
  'order:crypto-onramp:expired': true,
  'order:crypto-onramp:failed': true,
  'order:crypto-onramp:refund:completed': true,
  'order:crypto-offramp:committed': true,
  'order:crypto-offramp:funds-sent': true,
  'order:crypto-offramp:funds-received': true,
  'order:crypto-offramp:completed': true,
  'order:crypto-offramp:expired': true,
  'order:crypto-offramp:failed': true,
  'order:crypto-offramp:refund:completed': true,
  'user:created': true,
  'user:logged-in': true,
  'user:kyc:identity:initiated': true,
  'user:kyc:identity:succeeded': true,
  'user:kyc:identity:failed': true,
};

const isKnown = (event: Event): event is KnownEvent => Object.hasOwn(KNOWN, event.name);

export function receive(event: Event): string {
  return isKnown(event) ? handle(event) : `keep ${event.name} for later`;
}
