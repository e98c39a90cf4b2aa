// What the parts of one page's script (content_server/site/inline) know of each other.

interface MapConstructor {
  new <K, V>(entries: Iterable<readonly [K, V]>): FilledMap<K, V>;
}

/** A map that is filled as it is made, and asked only for what it holds. */
interface FilledMap<K, V> extends Map<K, V> {
  get(key: K): V;
}

/** The slides and what the other parts of the deck add to them. */
interface Deck extends Slides {
  // deck-poll.js
  raise(answer: number): void;
  askBefore(): void;
  openHands(hash: string): boolean;
  // deck-keys.js
  wish(name: string): void;
  press(name: string): void;
  // deck-remote.js
  remote(): void;
  // deck-share.js
  handOver(): void;
  tell(what: string, count: number): void;
}

/** The slides by themselves (deck.js). */
interface Slides {
  readonly d: Document;
  readonly body: HTMLElement & WithData;
  readonly find: Find;
  readonly slides: PageElement[];
  readonly note: PageElement;
  /** The names of the languages, each in itself. */
  readonly endonyms: string[];
  readonly my: DeckState;
  readonly hooks: {
    /** May take a step itself: true when it did. */
    readonly next: ((slide: PageElement, by: number) => boolean)[];
    readonly shown: ((slide: PageElement) => void)[];
  };
  here(): PageElement;
  at(id: string): number;
  show(index: number, options?: { silent?: boolean }): void;
  go(by: number): void;
  fit(slide: PageElement): void;
  fitNow(): void;
  speak(): void;
  quiet(): void;
  telling(text?: string): void;
  hold(on?: boolean): void;
}

interface DeckState {
  now: number;
  /** The second language, by its place among `endonyms`; 0 for none. */
  second: number;
  /** Who speaks: the first language, the second, or both. */
  speaks: number;
  auto: boolean;
  slow: boolean;
  bigger: number;
  held?: boolean;
  handsOnly?: boolean;
}

/** One answer of a show of hands: counted, or a few, half, most. */
interface Vote {
  hands: number;
  level: number;
}

/** A session plan (plan.js): numbers of lessons, "h" for a show of hands, "n" for a break. */
interface Plan {
  readonly d: Document;
  readonly find: Find;
  readonly lessons: FilledMap<PlanItem | undefined, Found<"li">>;
  readonly village: string;
  items(): PlanItem[];
}

type PlanItem = number | string;

/** What is on the wall, as the phone that leads it is told. */
interface Shown {
  folder: string;
  slug: string;
  title: string;
  at: string;
  kind: string;
  number: number;
  total: number;
  seconds: number;
  tongue?: string;
  dark?: boolean;
}

/** A wall and its phone, as sessionStorage remembers them. */
interface Pairing {
  code: string;
  deck: string;
  phone: string;
  seen: number;
}

/** The wall's end of the line to a phone (remote-channel.js). */
interface Wall {
  code(): string | null;
  led(): boolean;
  fresh(): Promise<string[]>;
  start(): void;
  stop(): void;
  say(now: Shown): void;
}

/** What a box says of its own network (/-/hop/mang.json). */
interface Network {
  ssid: string;
  password?: string;
  addresses?: string[];
}
