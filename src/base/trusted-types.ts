/**
 * Trusted Types: what may be given to the few places of the platform that turn text into markup, scripts or workers.
 */

interface Policies {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string; createScriptURL(address: string): string },
  ): unknown;
}

/**
 * Makes the default policy of this page, which the content security policy then asks about every such place. Markup is
 * refused, plain text such as the component library's style sheets is let through; scripts and workers come from the
 * app's own address (which `blob:` addresses carry too). Nothing can be evaluated. Does nothing in browsers without
 * Trusted Types.
 */
export function guardSinks(): void {
  const { trustedTypes, location } = globalThis as {
    trustedTypes?: Policies;
    location?: { href: string; origin: string };
  };
  if (!trustedTypes || !location) return;
  trustedTypes.createPolicy('default', {
    createHTML: (text) => {
      if (text.includes('<')) throw new TypeError('Markup made of text is refused.');
      return text;
    },
    createScriptURL: (address) => {
      if (new URL(address, location.href).origin !== location.origin)
        throw new TypeError(`A script from another address is refused: ${address}`);
      return address;
    },
  });
}
