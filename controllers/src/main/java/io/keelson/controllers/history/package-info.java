/**
 * What workloads were made from before: ControllerRevisions, which StatefulSets and DaemonSets keep so that they can be
 * rolled back and know which of their pods are of which template.
 *
 * <p>A template becomes a {@link io.keelson.controllers.history.RevisionContent}, which is what two revisions are compared
 * by: not by name, as another implementation comes to other names for the same content. {@link
 * io.keelson.controllers.history.Revisions} computes with lists of them; {@link
 * io.keelson.controllers.history.RevisionHistory} reads and writes them. A revision is named after its owner and its content,
 * so that one that was made before a crash is found again and not made twice.
 */
@NullMarked
package io.keelson.controllers.history;

import org.jspecify.annotations.NullMarked;
