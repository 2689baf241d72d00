/**
 * What users see of a pod. {@link io.keelson.agent.pods.status.StatusView} is all that a status depends on; {@link
 * io.keelson.agent.pods.status.PodStatuses} makes the status of it, as a function: containers first, then the phase,
 * then conditions. {@link io.keelson.agent.pods.status.StatusWriter} brings statuses to the API: what is wanted is
 * computed when it is written, so that many changes become one write, and only what differs from what the API has is
 * sent.
 */
@NullMarked
package io.keelson.agent.pods.status;

import org.jspecify.annotations.NullMarked;
