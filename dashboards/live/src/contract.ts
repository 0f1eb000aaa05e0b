// The documents of livemeter.v1, as stream/feed/view.go defines them. Only what the page reads is named here; what the feed
// says beyond that passes by.

export interface Money {
  minor: string;
  currency: string;
  exponent: number;
}

/** An interval is null where there is none; a gauge is null where there is too little to go on. */
export interface Gauged {
  gauge: number | null;
  gauge_lo: number | null;
  gauge_hi: number | null;
  grade: string | null;
  insufficient: string | null;
  temperature_j_per_head: number | null;
  power_watts: number | null;
  active_heads: number;
}

export interface Heat extends Gauged {
  viewers: number | null;
}

export interface RollUp extends Gauged {
  shows: number;
}

export interface RoomView {
  at: string;
  heat: Heat | null;
  people_total: number;
  buyers_total: number;
  orders_total: number;
  raw: Heat | null;
  sources: Share[];
  sinks: Share[];
}

/** One part of a whole. */
export interface Share {
  name: string;
  share: number | null;
}

export interface Room {
  final: RoomView | null;
  provisional: RoomView | null;
  late_total: number;
}

export interface Gmv {
  currency: string;
  created: Money;
  paid: Money;
  net: Money;
  refunded: Money;
  average_order: Money | null;
  orders_created: number;
  orders_paid: number;
}

export interface Sales {
  gmv: Gmv[];
  buyers: number;
  orders_total: number;
  last_order_at: string | null;
}

export interface Conversion {
  ratio: number | null;
  buyers: number | null;
  people: number | null;
  reason: string | null;
}

export interface TrendPoint extends Gauged {
  at: string;
  comments: number;
  orders: number;
  viewers: number | null;
}

export interface Mark {
  kind: string;
  at: string;
  product_id: string | null;
  id: string;
}

export interface Age {
  as_of: string | null;
  watermark: string | null;
  freshness_ms: number | null;
}

export type RoomState = "on_air" | "idle" | "ended" | "unknown";

interface Named {
  scope: string;
  id: string;
  esol_id: string;
  platform: string;
  title: string;
  state: RoomState;
  started_at: string | null;
}

export interface ShowDoc extends Named, Age {
  kind: "show";
  last_event_at: string | null;
  brand_ids?: string[]; // absent: of a feed of before them
  room: Room | null;
  money: Sales | null;
  conversion: Conversion;
  trend: TrendPoint[];
  marks: Mark[];
  context: Context | null;
  insight_at: string | null;
  bodies: Body[] | null;
  flows: Flow[] | null;
  alignment: Alignment | null;
  sync: Sync | null;
  contagion: Contagion | null;
  trust: Trust | null;
  funnel: { stages: Stage[] } | null;
  beats: Beat[] | null;
  questions: Questions | null;
  pins: PinLift[] | null;
  ignition: Ignition | null;
  backed_share: number | null;
}

/** A number with what is known of its certainty; insufficient is why there is none. */
export interface Estimate {
  value: number | null;
  lo: number | null;
  hi: number | null;
  grade: string | null;
  insufficient: string | null;
  n: number | null;
}

type Maybe = Estimate | null;

export interface Relative {
  last_10m: number | null;
  before_10m: number | null;
  last_minutes: number;
  before_minutes: number;
  change_ratio: number | null;
  percentile: number | null;
}

export interface Context {
  temperature_j_per_head: Relative;
  comments: Relative;
  orders: Relative;
  viewers: Relative;
}

export interface Body {
  role: string;
  theta: Maybe;
}

export interface Flow {
  from: string;
  to: string;
  match: Maybe;
  reverse: boolean;
  conductance: Maybe;
}

export interface Alignment {
  total: Maybe;
  heat_match: Maybe;
  knowledge_esol: Maybe;
  knowledge_audience: Maybe;
  worldview: Maybe;
  worldview_esol: Maybe;
  direction: Maybe;
}

export interface Sync {
  rate: Maybe;
  amount: Maybe;
  echo: Maybe;
  action: Maybe;
  possession: Maybe;
  echo_latency_seconds: number | null;
  calls: CallSync[];
  raw: { rate: Maybe } | null; // with every account believed
}

export interface CallSync {
  at: string;
  action: string;
  uplift: Maybe;
  people: number;
}

export interface Bracket {
  lexical: Maybe;
  total: Maybe;
}

export interface Contagion extends Bracket {
  secondary_uses: Maybe;
  shares: number;
  joins: number;
  first_actors: number;
  reproduction: Maybe;
  raw: Bracket | null; // with every account believed
}

export interface Trust {
  share: number | null;
  suspects: number;
  people: number;
  worst: Suspect[];
  floods: Flood[];
}

export interface Suspect {
  weight: number | null;
  reasons: Reason[];
}

export interface Reason {
  name: string;
  score: number | null;
  evidence: string[];
}

export interface Flood {
  accounts: number;
  comments: number;
  evidence: string[];
  chant: boolean;
}

export interface Stage {
  name: string;
  people: number;
  bought: number;
  trusted: number;
}

export interface Beat {
  id: string;
  told: number;
  retold_people: number;
}

export interface Questions {
  asked: number;
  answered: number;
  bought: number;
  seconds_to_buy: number | null;
}

export interface PinLift {
  product_id: string;
  at: string;
  clicks: number;
  clicks_before: number;
  orders: number;
  orders_before: number;
  lift: Maybe;
}

export interface Ignition {
  level: number;
  people: number;
  goal: number;
  expires_at: string | null;
  best_level: number;
}

export interface Row extends Named, Gauged, Age {
  viewers: number | null;
  gmv_net: Money[];
  orders_paid: number;
  sync: number | null;
  contagion_lo: number | null;
  contagion_hi: number | null;
  contagion_grade: string | null;
  ignition_level: number | null;
  trend: number | null;
  attention: string | null;
}

export interface BoardDoc extends Age {
  kind: "shows";
  on_air: number;
  shows: Row[];
  campaigns?: CampaignRow[]; // absent: of a feed of before them
}

export interface EsolDoc extends Age {
  scope: string;
  kind: "esol";
  id: string;
  money: Sales | null;
  heat: RollUp | null;
  funnel: { shows: number; stages: Stage[] } | null;
  shows: Row[];
}

export interface States {
  estimated: Money;
  approved: Money;
  payable: Money;
  paid: Money;
  clawed_back: Money;
}

export interface Cost {
  currency: string;
  total: Money;
  spend: Money;
  commission: States;
}

/** One ROIMS. claim says what it says of cause: attributed, incremental, threshold. */
export interface Variant {
  name: string;
  claim: string;
  basis: string;
  numerator: Money | null;
  denominator: Money | null;
  value: number | null;
  lo: number | null;
  hi: number | null;
  grade: string | null;
  orders: number;
  insufficient: string | null;
}

export interface Pace {
  target: Money;
  current: Money;
  hit: boolean;
  elapsed_seconds: number;
  left_seconds: number;
  run_rate_per_hour: Money | null;
  needed_rate_per_hour: Money | null;
  probability: number | null;
  final: Money | null;
  final_lo: Money | null;
  final_hi: Money | null;
  calibration: string | null;
  insufficient: string | null;
}

export interface Return {
  currency: string;
  variants: Variant[];
  pace: Pace | null;
  expected: Expected | null;
}

/** What will be left of net sales once the goods that are going to come back have. */
export interface Expected {
  net: Money;
  coming: Money;
  curve: string;
}

export interface Deal {
  esol_id: string;
  orders: number;
  orders_held: number;
  net: Money;
  owed: States;
  cost: Money;
  roims: Variant | null;
  commitment: Money | null;
  shortfall: Money | null;
  active_heads: number;
}

/** What a campaign sold over all currencies, in its own, by one version of the rates. */
export interface Total {
  net: Money | null;
  paid: Money | null;
  rates: string | null;
  rates_from: string | null;
  left_out: string[];
  insufficient: string | null;
}

export interface CampaignDoc extends Age {
  scope: string;
  kind: "campaign";
  id: string;
  brand_id?: string | null; // absent: of a feed of before it
  money: Sales | null;
  costs: Cost[] | null;
  returns: Return[];
  total?: Total | null; // absent: of a feed of before it
  holdout_ppm?: number; // absent: likewise
  deals: Deal[];
}

export interface CampaignRow {
  id: string;
  gmv_net: Money[];
  roims: Variant | null;
  probability: number | null;
  hit: boolean;
}

/** The answer of /v1/campaigns/{id}/advice. */
export interface Advice {
  campaign_id: string;
  rule: string;
  seed: string;
  claim: string;
  note: string;
  currency: string;
  budget: Money;
  unit: Money | null;
  hurdle_ppm: number;
  left: Money;
  left_reason: string | null;
  shares: AdviceShare[];
  as_of: string | null;
}
export interface AdviceShare {
  esol_id: string;
  amount: Money;
  reason: string;
  orders: number;
  best: number | null;
  marginal: number | null;
  lo: number | null;
  hi: number | null;
}
/** Parts that the token does not grant are absent. */
export interface BrandDoc extends Age {
  scope: string;
  kind: "brand";
  id: string;
  money?: Sales | null;
  heat?: RollUp | null;
  on_air?: number;
  on_air_shared?: number;
  shows?: BrandShow[];
  campaigns?: CampaignRow[];
}

/** A show as a brand sees it that is sold in it: without what it sold, which is of others too. */
export interface BrandShow extends Named, Gauged, Age {
  viewers: number | null;
  trend: number | null;
  brands: number;
}

export type Doc = ShowDoc | BoardDoc | EsolDoc | CampaignDoc | BrandDoc;

export interface Alert {
  id: string;
  scope: string;
  show_id: string;
  esol_id: string;
  kind: string;
  at: string;
  numbers: Record<string, number | null>;
  restatement?: Restatement; // of the kind restate only
}

/** A correction of money that was said before; stream/feed/viewrestatement.go has the reasons. */
export interface Restatement {
  reason: string;
  amounts: Restated[];
  orders: number;
  order_ids: string[];
  from: string | null;
  to: string | null;
}

/** What is now less what was. */
export interface Restated {
  currency: string;
  created: Money;
  paid: Money;
  net: Money;
  settled: Money;
  refunded: Money;
  refunded_unknown: Money;
  cancelled: Money;
  commission: Money;
  total_net: Money;
}
