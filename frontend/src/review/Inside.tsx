// What a reviewer looks at besides the item itself: open problems, Project Standards, and the models in a bundle.
import { reviewHash } from "../live/route";
import { Bdi, sentence } from "../live/text";
import { timeText } from "../live/time";
import { Section } from "./parts";
import type { ModelInside, Review } from "./types";
import { standing } from "./words";

export function Problems({ review }: { review: Review }) {
  const problems = review.problems ?? [];
  return (
    <Section id="problems" title="Open problems">
      {problems.length === 0 ? (
        <p class="gl-soft">None.</p>
      ) : (
        <ul>
          {problems.map(({ message }, at) => (
            <li key={at}>
              <Bdi text={sentence(message)} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Standards({ review }: { review: Review }) {
  const { standards } = review;
  if (standards === undefined) return null;
  return (
    <Section id="standards" title="Project Standards">
      {standards === null && <p class="gl-soft">The checks never ran on this project.</p>}
      {standards !== null && standards.unreadable !== null && <p class="gl-soft">{sentence(standards.unreadable)}</p>}
      {standards !== null && standards.unreadable === null && (
        <p>
          Worst severity: {standards.label}
          {standards.ran_on !== null && <span class="gl-soft">, {timeText(standards.ran_on)}</span>}
        </p>
      )}
    </Section>
  );
}

/** DSS does not tell which versions a bundle holds: told are those that are active in the project now. */
export function Models({ review }: { review: Review }) {
  const { models } = review;
  if (models == null) return null;
  return (
    <Section id="models" title="Models inside">
      {models.unreadable !== null && <p class="gl-banner gl-warn">{sentence(models.unreadable)}</p>}
      {models.unreadable === null && models.items.length === 0 && <p class="gl-soft">The project has no active model.</p>}
      {models.items.length > 0 && (
        <>
          <p class="gl-soft">
            Active now, may differ from the bundle's. One that is not approved {models.block ? "holds the bundle back" : "does not hold the bundle back"}.
          </p>
          <ul class="gl-list">
            {models.items.map((model) => (
              <Model key={model.address} model={model} />
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

function Model({ model }: { model: ModelInside }) {
  return (
    <li>
      <Bdi text={model.name} /> <Bdi text={model.version} />{" "}
      <span class="gl-soft">
        {standing(model.status)}
        {model.unchanged === false && ", changed since"}
        {model.newer && " · trained after the export, so not the one in the bundle"}
      </span>{" "}
      <a class="gl-small" href={reviewHash(model.address)} aria-label={`Review of ${model.address}`}>
        Review
      </a>
    </li>
  );
}
