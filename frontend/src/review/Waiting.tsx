// On Home: the reviews that wait for this person, the oldest first.
import { ApiError } from "../live/api";
import { type Query, useListState, useQuery } from "../live/query";
import { reviewHash } from "../live/route";
import { useNames } from "../live/rows";
import { useApp, useAppState } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { countText, dateText } from "../live/time";
import type { Deployed, DeployedBundle, Reviews, UnreadItem, WaitingReview } from "./types";
import { ROLES } from "./words";

/** Returns the step of a project that an address and a step mean, for people; a bundle or version has one, which is not named. */
export function useStepName(address: string, step: string | null): string {
  const steps = useAppState((state) => state.portfolio?.about.steps);
  if (step === null || address.includes("/")) return "";
  return steps?.find(({ id }) => id === step)?.name ?? step;
}

/** Which reviews wait: null while they are asked for, where that failed, and for who may not read the hub. */
export interface ReviewsState {
  reviews: Reviews | null;
  failure: string | null;
  pending: boolean;
}

/** Tells whether the page's backend says so; a proxy that answers in its place says nothing of the hub. */
const mayNotRead = (error: unknown): boolean => error instanceof ApiError && [403, 404].includes(error.problem.status ?? 0);

/** Returns what waits, asked for anew whenever the list of projects changes. */
export function useReviews(): ReviewsState {
  const { api } = useApp();
  const { answer: reviews, error, failure, pending } = useQuery(api.reviews, useListState());
  // who may not read the hub has nothing to review there
  return { reviews, failure: mayNotRead(error) ? null : failure, pending };
}

/** What could not be looked at, why, and what to do. */
export function NotLookedAt({ what, failure }: { what: string; failure: string | null }) {
  if (failure === null) return null;
  return (
    <p class="gl-soft">
      {what} could not be looked at: {sentence(failure)} Refresh asks again.
    </p>
  );
}

export function WaitingForMe({ reviews }: { reviews: readonly WaitingReview[] }) {
  if (reviews.length === 0) return null;
  return (
    <section aria-labelledby="waiting-for-me">
      <h2 id="waiting-for-me">
        Waiting for me <span class="gl-soft">{countText(reviews.length, "review")} in which you can act</span>
      </h2>
      <ul class="gl-list">
        {reviews.map((review) => (
          <WaitingLine key={`${review.address} ${review.step}`} review={review} />
        ))}
      </ul>
    </section>
  );
}

/** On Home: the items of which nobody can say whether their review waits, and of which nothing is approved. */
export function UnreadItems({ items }: { items: readonly UnreadItem[] }) {
  return (
    <>
      {items.map(({ address, message }, place) => (
        <p key={place} class="gl-banner gl-warn">
          {address !== null && (
            <>
              <a href={reviewHash(address)}>{address}</a>:{" "}
            </>
          )}
          <Bdi text={message} />
        </p>
      ))}
    </>
  );
}

const KINDS: Record<string, string> = { bundle: "Bundle", model: "Model version", agent: "Agent version" };

function WaitingLine({ review }: { review: WaitingReview }) {
  const roles = review.roles.map(({ role, for: whose }) => (ROLES[role] ?? role) + (whose === null ? "" : ` (for ${whose})`));
  const step = useStepName(review.address, review.step);
  const [key = "", kind = "", ...ids] = review.address.split("/");
  const project = useNames().get(key) ?? key;
  return (
    <li>
      <span title={review.address}>
        {kind === "" ? step : `${KINDS[kind] ?? kind} ${ids.at(-1) ?? ""}`} of <Bdi text={project} />
      </span>{" "}
      <span class="gl-soft">
        asked by <Bdi text={review.requested_by} />, {dateText(review.since)}; as {roles.join(", ")}
      </span>{" "}
      <a class="gl-small" href={reviewHash(review.address, review.address.includes("/") ? null : review.step)} aria-label={`Review ${review.address}`}>
        Review
      </a>
    </li>
  );
}

/** Returns the bundles that run without approval, as far as this person sees the Deployer and the hub. */
export function useDeployed(): Query<Deployed> {
  const { api } = useApp();
  return useQuery(api.deployed, useListState());
}

/** On Home: which bundles those are, and of which approved ones nobody can say whether the approved export runs. */
export function DeployedWithoutApproval({ deployed }: { deployed: Deployed | null }) {
  if (deployed === null || deployed.off !== null) return null;
  if (deployed.looked_at === 0) return <p class="gl-soft">You see no deployment, so nobody looked here for what is deployed without approval.</p>;
  if (deployed.unapproved.length + deployed.unsure.length === 0) return null;
  return (
    <section aria-labelledby="deployed">
      <h2 id="deployed">
        Deployed without approval{" "}
        <span class="gl-soft">
          {deployed.unapproved.length} of {countText(deployed.looked_at, "deployment")} you see
          {deployed.unsure.length > 0 && `; of ${deployed.unsure.length} more nobody can say it`}
        </span>
      </h2>
      <ul class="gl-list">
        {[...deployed.unapproved, ...deployed.unsure].map((bundle) => (
          <DeployedLine key={bundle.deployment} bundle={bundle} />
        ))}
      </ul>
    </section>
  );
}

function DeployedLine({ bundle: { infrastructure, bundle, address, why } }: { bundle: DeployedBundle }) {
  return (
    <li>
      {address === null ? <Bdi text={bundle} /> : <a href={reviewHash(address)}>{address}</a>} on <Bdi text={infrastructure} />{" "}
      <span class="gl-soft">{why}</span>
    </li>
  );
}
