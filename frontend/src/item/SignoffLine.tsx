// Of a bundle or version, in one line: where its sign-off stands, where it runs, and what could not be looked at.
import { reviewHash } from "../live/route";
import { Bdi, sentence } from "../live/text";
import { timeText } from "../live/time";
import type { Item } from "../live/types";
import { standing } from "../review/words";

export function SignoffLine({ item }: { item: Item }) {
  const { signoff, deployments, unread = [] } = item;
  return (
    <>
      {signoff && (
        <p>
          Sign-off: {standing(signoff.status).toLowerCase()}
          {signoff.unchanged === false && ", changed since"}
          {signoff.by !== null && (
            <span class="gl-soft">
              {" "}
              <Bdi text={signoff.by} />
              {signoff.at !== null && `, ${timeText(signoff.at)}`}
            </span>
          )}{" "}
          <a class="gl-inline" href={reviewHash(item.address)}>
            Review
          </a>
        </p>
      )}
      {deployments?.map(({ deployment, infrastructure }) => (
        <p key={deployment}>
          Deployed on <Bdi text={infrastructure} /> <span class="gl-soft">({deployment})</span>
        </p>
      ))}
      {unread.map((reason) => (
        <p key={reason} class="gl-soft">
          Cannot be looked at: {sentence(reason)}
        </p>
      ))}
    </>
  );
}
