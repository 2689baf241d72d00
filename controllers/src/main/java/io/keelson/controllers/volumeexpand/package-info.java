/**
 * Sees to it that a claim that wants to be larger becomes so. Volumes of CSI drivers and others are expanded by controllers
 * of their own; it is only told that they are awaited. A directory of a node needs no work to hold more: for the volumes of
 * {@link io.keelson.controllers.localpath} the sizes are written, in the order in which a resizer does it, each step to be
 * found again by whoever starts after a crash:
 *
 * <pre>
 *   claim: storage-resizer annotation ──► claim: Resizing, allocatedResources ──► volume: capacity ──► claim: capacity
 * </pre>
 */
@NullMarked
package io.keelson.controllers.volumeexpand;

import org.jspecify.annotations.NullMarked;
