// One review: what is asked and by whom, exactly what would be approved, what changed since the last approval, and my part.
import { useCallback, useEffect, useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { itemHash, reviewHash } from "../live/route";
import { useApp } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { timeText } from "../live/time";
import { EmergencyDialog, RunningEmergencies, type EmergencyRequest } from "./Emergency";
import { InGovernNote } from "./InGovern";
import { Models, Problems, Standards } from "./Inside";
import { Fields, Section } from "./parts";
import { HandOver } from "./HandOver";
import { More, TakePart, possibleActs, type OtherAct } from "./TakePart";
import type { Review, ReviewAct, ReviewEntry } from "./types";
import { NotLookedAt, useReviews } from "./Waiting";
import { namesText, question, subjectLines, valueText } from "./words";

export function ReviewPage({ address, step }: { address: string; step: string | null }) {
  const { api, store } = useApp();
  const [review, setReview] = useState<Review | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [recorded, setRecorded] = useState(0);
  const [handsOver, setHandsOver] = useState(false);
  const [letsPass, setLetsPass] = useState(false);
  // why an act failed stays, also where the review cannot be read again after it
  const load = useCallback(() => api.review(address, step).then(setReview, (error: unknown) => setFailure((before) => before ?? messageOf(error))), [api, address, step]);
  useEffect(() => void load(), [load]);
  const show = (done: Review) => {
    setReview(done);
    setRecorded((count) => count + 1);
    store.set({ status: `Recorded ${done.recorded ?? ""}` });
  };
  const emergency = async (request: EmergencyRequest, dryRun: boolean) => {
    const done = await api.takePart(address, { act: "emergency", ...request, dry_run: dryRun });
    if (!dryRun) show(done);
    return done;
  };
  const act = async (wanted: ReviewAct, form: Record<string, string>) => {
    setBusy(true);
    setFailure(null);
    try {
      show(await api.takePart(address, { act: wanted, ...(step === null ? {} : { step }), ...form }));
    } catch (error) {
      setFailure(messageOf(error));
      // somebody else may have decided meanwhile: the comment stays where it is
      await load();
    } finally {
      setBusy(false);
    }
  };
  const others: OtherAct[] = [
    ...(review !== null && canHandOver(review) ? [{ label: "Hand over…", onOpen: () => setHandsOver(true) }] : []),
    ...(review?.you.emergency != null ? [{ label: "Let it pass in an emergency…", onOpen: () => setLetsPass(true) }] : []),
  ];
  return (
    <div class="gl-page gl-review">
      <h1 tabIndex={-1}>{review === null ? address : <Bdi text={question(review)} />}</h1>
      {review === null && (failure === null ? <p class="gl-soft">Reading the review…</p> : <p class="gl-failure">{failure}</p>)}
      {review !== null && (
        <>
          <Asked review={review} />
          <InGovernNote said={review.in_govern} />
          <RunningEmergencies review={review} />
          {review.recorded !== undefined && <Recorded review={review} />}
          <Subject review={review} />
          <Changes review={review} />
          <Values review={review} />
          <Problems review={review} />
          <Standards review={review} />
          <Models review={review} />
          <Feedback review={review} />
          {possibleActs(review).length > 0 ? (
            <TakePart key={recorded} review={review} busy={busy} failure={failure} others={others} onAct={(wanted, form) => void act(wanted, form)} />
          ) : (
            <>
              <NoPart review={review} />
              {others.length > 0 && <More busy={busy} others={others} />}
            </>
          )}
          {letsPass && <EmergencyDialog review={review} onAsk={emergency} onClose={() => setLetsPass(false)} />}
          {handsOver && <HandOver review={review} onAct={(wanted, form) => void act(wanted, form)} onClose={() => setHandsOver(false)} />}
        </>
      )}
    </div>
  );
}

/** Whether this person can hand a review over, their own or, as a governance manager, somebody else's. */
const canHandOver = ({ you }: Review): boolean => you.hand_over.own.length + you.hand_over.others.length > 0;

function Asked({ review }: { review: Review }) {
  const { requested, verdict, you } = review;
  return (
    <>
      <p>
        <a href={itemHash(review.project_key)}>
          <Bdi text={review.project_key} />
        </a>
        {" · "}
        {requested === null ? "No review is under way." : <Who entry={requested} words="Asked by" />}
      </p>
      {verdict !== null && (
        <p class="gl-banner gl-note">
          <Bdi text={verdict.by} /> {verdict.words} this, {timeText(verdict.at)}
          {verdict.comment !== null && (
            <>
              : <Bdi text={verdict.comment} />
            </>
          )}
        </p>
      )}
      {review.open && <p>{you.rights.length > 0 ? `You are asked as ${you.rights.join(", ")}.` : "You are not asked in this review."}</p>}
    </>
  );
}

function Who({ entry, words }: { entry: ReviewEntry; words: string }) {
  return (
    <>
      {words} <Bdi text={entry.by} />, {timeText(entry.at)}
      {entry.comment !== null && (
        <>
          : <Bdi text={entry.comment} />
        </>
      )}
    </>
  );
}

function Recorded({ review }: { review: Review }) {
  const { reviews, failure } = useReviews();
  const next = reviews?.reviews.find((other) => other.roles.length > 0 && other.address !== review.address);
  return (
    <>
      <p class="gl-banner gl-good" role="status">
        Recorded {review.recorded}. {review.mail?.map((told) => `Mail ${told}. `)}
        {next !== undefined && <a href={reviewHash(next.address)}>Next review</a>}
      </p>
      <NotLookedAt what="Which other reviews wait for you" failure={failure} />
      {review.not_told !== undefined && review.not_told.length > 0 && (
        <div class="gl-banner gl-warn" role="status">
          Not told by mail:
          <ul>
            {review.not_told.map((line) => (
              <li key={line}>
                <Bdi text={line} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Subject({ review }: { review: Review }) {
  const title = review.open || review.verdict === null ? "What would be approved" : "What it is about";
  if (typeof review.gone === "string") {
    return (
      <Section id="subject" title={title}>
        <p class="gl-banner gl-warn">{sentence(review.gone)}</p>
      </Section>
    );
  }
  return (
    <Section id="subject" title={title}>
      {review.subject === null ? <p class="gl-failure">DSS does not tell when it was made, so that it cannot be signed off.</p> : <Fields lines={subjectLines(review)} />}
      {review.unchanged === true && <p>Unchanged since the request ✓</p>}
      {review.unchanged === false && <p class="gl-banner gl-warn">It changed since its review was asked for: ask again.</p>}
    </Section>
  );
}

function Changes({ review }: { review: Review }) {
  const { earlier } = review;
  if (review.kind === "project") return null;
  if (earlier === null) return <Section id="changes" title="What changed">First review: no earlier approval.</Section>;
  return (
    <Section id="changes" title={`What changed since ${earlier.label}, the last approved`}>
      <p class="gl-soft">
        Approved by <Bdi text={earlier.by} />, {timeText(earlier.at)}
      </p>
      {earlier.changes.length === 0 ? <p>Nothing of what is recorded on the project.</p> : null}
      <ul class="gl-list">
        {earlier.changes.map((change) => (
          <li key={change.path}>
            {change.label}: <Bdi text={valueText(change.from) || "(blank)"} /> → <Bdi text={valueText(change.to) || "(blank)"} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Values({ review }: { review: Review }) {
  const lines = review.values.map(({ label, value }) => [label, valueText(value)] as const).filter(([, text]) => text !== "");
  return (
    <Section id="values" title="Recorded on the project">
      {lines.length === 0 ? <p class="gl-soft">Nothing yet.</p> : <Fields lines={lines} />}
    </Section>
  );
}

function Feedback({ review }: { review: Review }) {
  return (
    <Section id="feedback" title="Feedback">
      <ul class="gl-list">
        {review.groups
          .filter(({ role }) => role !== "final_approvers")
          .map(({ role, label, names }) => {
            const said = review.feedback.filter((entry) => entry.role === role);
            return (
              <li key={role}>
                <b>{label}</b>: {said.length === 0 && <span class="gl-soft">nothing yet; asked: {namesText(names)}</span>}
                {said.map((entry) => (
                  <span key={entry.id} class="gl-said">
                    {entry.feedback}, <Bdi text={entry.by} />
                    {entry.comment !== null && (
                      <>
                        : <Bdi text={entry.comment} />
                      </>
                    )}{" "}
                  </span>
                ))}
              </li>
            );
          })}
      </ul>
      <p class="gl-soft">Final approver: {namesText(review.groups.find(({ role }) => role === "final_approvers")?.names ?? []) || "nobody asked"}</p>
    </Section>
  );
}

function NoPart({ review }: { review: Review }) {
  const why = review.you.may.approve;
  return why == null ? null : <p class="gl-soft">{sentence(why)}</p>;
}
