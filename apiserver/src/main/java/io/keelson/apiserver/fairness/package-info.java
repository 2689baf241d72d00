/**
 * Keeps requests from crowding each other out: API priority and fairness.
 *
 * <pre>
 *   request ──► FlowControl ──► FlowSchema, the first that fits ──► PriorityLevel ──► on to authorization
 *                 │                                                     │
 *                 │                WorkEstimator: how many seats        ├── seats free: taken at once
 *                 │                                                     ├── FairQueues: waits, one queue of a hand
 *                 │                                                     └── 429
 *                 └── every 10 s: levels that do not need their seats lend them to others (SeatAllocation)
 * </pre>
 *
 * <p><b>Seats.</b> A server serves so many requests at a time. Every level of priority has a share of that, by its
 * configuration; a request takes one seat of its level, or more if it is a list of many bytes or many watch what it writes, and
 * gives it back when it is answered. Watches take theirs until they have sent what there was when they began; other requests
 * that last take none.
 *
 * <p><b>Flows.</b> The requests of one user, or about one namespace, by one flow schema, are a flow. When a level's seats are
 * taken, flows wait in queues; each flow has a small hand of queues, by its name, and takes the shortest, so that a flow that
 * fills its queues spoils them for few others. Queues are served in turn by the work that was done for them.
 *
 * <p><b>Cost.</b> As long as nobody waits, a seat is one compare-and-set; a lock, one for each level, is taken only by those
 * who wait and those who give back a seat that somebody waits for.
 *
 * <p>Entry: {@link io.keelson.apiserver.fairness.FairnessFilter}; {@link io.keelson.apiserver.fairness.InFlightFilter} where
 * all this is off. Configuration is handed in ({@link io.keelson.apiserver.fairness.FlowControl#configure}); nothing here
 * reads the store.
 */
@NullMarked
package io.keelson.apiserver.fairness;

import org.jspecify.annotations.NullMarked;
