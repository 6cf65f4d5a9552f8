// What the parts of a review are drawn with.
import type { ComponentChildren } from "preact";
import { Bdi } from "../live/text";

export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export function Fields({ lines }: { lines: readonly (readonly [string, string])[] }) {
  return (
    <dl class="gl-fields">
      {lines.map(([label, text]) => (
        <div key={label} class="gl-field">
          <dt class="gl-label">{label}</dt>
          <dd>
            <Bdi text={text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
