import { covers } from "./http-route.js"
import { markAnnotations, RouteError, type RouteMarks } from "./route-change.js"
import { appliedHead, marksOf, type CarrierObject, type TrackShare, type WeightCarrier } from "./weight-carrier.js"

/** What the chart wants a Service to select while no track has a share, and which tracks there are; JSON, written by Helm, which leaves spec.selector out. */
export const SELECTOR_ANNOTATION = "delivery.dev/selector"
const TRACK_LABEL = "delivery.dev/track"

type Selector = Readonly<Record<string, string>>

interface WishedSelector {
  readonly live: Selector
  readonly tracks: readonly string[]
}

const liveSelector = ({ spec }: CarrierObject): Selector => (spec as { readonly selector?: Selector } | undefined)?.selector ?? {}

/** What the chart wants; the live selector where it says nothing, as of a release whose selectors Helm still owns. */
function wishedSelector(service: CarrierObject): WishedSelector {
  const { namespace, name, annotations } = service.metadata
  const text = annotations?.[SELECTOR_ANNOTATION]
  if (text === undefined) return { live: liveSelector(service), tracks: [] }
  try {
    const wished = JSON.parse(text) as WishedSelector
    if (typeof wished.live === "object" && Array.isArray(wished.tracks)) return wished
  } catch {
    // Said below.
  }
  throw new RouteError(`Service ${namespace}/${name}, annotation ${SELECTOR_ANNOTATION}: expected {"live": {…}, "tracks": […]}, got ${text.slice(0, 80)}. Let the chart write it, as templates/service.yaml of this repository's does.`)
}

/** Without the label both tracks' pods are selected, and each ready one gets an equal share; all or nothing is exact. */
function selectorFor({ live }: WishedSelector, { track, weightPercent }: TrackShare): Selector {
  if (weightPercent === 0) return live
  const { [TRACK_LABEL]: _, ...both } = live
  return weightPercent === 100 ? { ...both, [TRACK_LABEL]: track } : both
}

/** What is selected stays, as far as the tracks are still there. */
function keptSelector(service: CarrierObject): Selector {
  const wished = wishedSelector(service)
  const now = liveSelector(service)[TRACK_LABEL]
  if (Object.keys(liveSelector(service)).length === 0 || wished.tracks.length === 0) return wished.live
  if (now === undefined) return selectorFor(wished, { track: "", weightPercent: 50 })
  return wished.tracks.includes(now) ? selectorFor(wished, { track: now, weightPercent: 100 }) : wished.live
}

function appliedSelector(service: CarrierObject, selector: Selector, marks: RouteMarks): CarrierObject {
  const head = appliedHead(service)
  return { ...head, metadata: { ...head.metadata, annotations: markAnnotations(marks) }, spec: { selector } }
}

/** For clusters whose way in does not take weights: the ratio of ready pods carries them, and the selector says whose pods count. */
export const SERVICE_CARRIER: WeightCarrier = {
  kind: "Service",
  apiVersion: "v1",
  plural: "services",
  mayBeAbsent: false,
  weighted(service, share, marks) {
    const wished = wishedSelector(service)
    if (share.weightPercent > 0 && !wished.tracks.includes(share.track) && wished.live[TRACK_LABEL] !== share.track) {
      throw new RouteError(`Service ${service.metadata.namespace}/${service.metadata.name}: expected a track ${share.track} in its annotation ${SELECTOR_ANNOTATION}, got ${wished.tracks.join(", ") || "none"}; the chart must render the track first`)
    }
    return appliedSelector(service, selectorFor(wished, share), marks)
  },
  withdrawn: (service, marks) => appliedSelector(service, wishedSelector(service).live, marks),
  synced: (service) => appliedSelector(service, keptSelector(service), marksOf(service)),
  inStep: (service) => {
    const kept = keptSelector(service)
    return covers(liveSelector(service), kept) && Object.keys(liveSelector(service)).length === Object.keys(kept).length
  },
}
