/**
 * Puts the embedded runtime together out of its parts: sandboxes and containers, images, network, and where they answer.
 *
 * <pre>
 *   keelson agent ──► in process ─┐                  ┌─ EmbeddedRuntime ─┬─ RuntimeNetwork ──► NodeNetwork
 *                                 ├─► EmbeddedNode ──┤                   └─ ImageStore
 *   kubelet, crictl ──► socket ───┘                  └─ EmbeddedImages ─────────┘
 * </pre>
 *
 * <p>One process has the folders of a runtime at a time, for two would both take up the same pods; a lock on the disk,
 * which goes with the process, sees to that.
 */
@NullMarked
package io.keelson.agent.embedded.assembly;

import org.jspecify.annotations.NullMarked;
