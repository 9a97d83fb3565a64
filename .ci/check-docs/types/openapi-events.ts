// The types of the OpenAPI document under the names that they have in the schemas.
import type { components } from './openapi';

type Schemas = components['schemas'];
export type Event = Schemas['Event'];
export type KnownEvent = Schemas['KnownEvent'];
export type OnrampOrder = Schemas['OnrampOrder'];
export type OfframpOrder = Schemas['OfframpOrder'];
