// What our scripts know of their page and of the browser; read by the type check alone.
// A page and its scripts are made together (templates/): what a script asks its page for by name
// is there. Where it may be missing the script tests for it, and the check does not mind.

/** The element a selector finds, by the tag of its last part: "link[rel=canonical]" is a link. */
type Found<Selector extends string> =
  Selector extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Selector] & WithData
  : Selector extends `${string} ${infer Last}` ? Found<Last>
  : Selector extends `${string}>${infer Last}` ? Found<Last>
  : Selector extends `[data-${"add" | "drop" | "move" | "print" | "show"}${string}` ? HTMLButtonElement & WithData
  : Selector extends `${infer Tag}[${string}` ? Found<Tag>
  : Selector extends `${infer Tag}.${string}` ? Found<Tag>
  : PageElement;

type WithData = { readonly dataset: Record<string, string> };
type PageElement = HTMLElement & WithData;
type Find = <S extends string>(selector: S, from?: ParentNode) => Found<S>[];

interface ParentNode {
  querySelector<S extends string, E extends Found<S> = Found<S>>(selectors: S): E;
  querySelectorAll<S extends string>(selectors: S): NodeListOf<Found<S>>;
}

interface Element {
  closest<S extends string>(selector: S): Found<S> | null;
  cloneNode(subtree?: boolean): this;
  getAttribute(name: "href"): string; // asked of links found by their address
  setAttribute(name: string, value: string | number | boolean): void;
  webkitRequestFullscreen?: () => void;
}

interface Document {
  readonly activeElement: HTMLElement; // the body, if nothing else
  readonly webkitFullscreenElement?: Element | null;
  webkitExitFullscreen?: () => void;
  getElementById(id: "link"): HTMLAnchorElement;
  getElementById(id: "second"): HTMLSelectElement;
  getElementById(id: string): PageElement;
  addEventListener<K extends keyof DocumentEventMap>(type: K, listener: (event: FromPage<K>) => void, capture?: boolean): void;
}

/** What is pressed or played on a page comes from one of its elements. */
type FromPage<K extends keyof DocumentEventMap> = DocumentEventMap[K] & { readonly target: HTMLElement };

interface CSSStyleProperties {
  setProperty(property: string, value: string | number | null, priority?: string): void;
}

interface JSON {
  parse(text: string | null): any; // null is read as null
}

interface Navigator {
  readonly connection?: { readonly saveData?: boolean };
  readonly globalPrivacyControl?: boolean;
}
