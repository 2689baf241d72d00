/**
 * Who manages which fields of an object, and server-side apply, which depends on it.
 *
 * <p>Every writer has a name, its field manager. What a manager has set last is a {@link
 * io.keelson.apiserver.apply.FieldSet}; all of them together are the object's {@link
 * io.keelson.apiserver.apply.ManagedFields}, kept in {@code metadata.managedFields}. Two things happen to them:
 *
 * <pre>
 * create, update, patch   FieldManager.update   live and new object are compared; what differs now belongs to the writer
 * apply                   FieldManager.apply    the configuration is merged into the live object; fields that other
 *                                               managers have with other values are conflicts, fields that this
 *                                               manager applied before but not now are removed unless others have them
 * </pre>
 *
 * <p>What belongs together (whether a list is one value, a set, or a map from keys to elements) is read off the schema
 * ({@link io.keelson.apiserver.apply.MergeType}). Sets are written as the {@code FieldsV1} of Kubernetes' structured
 * merge diff, and each is in the version of the kind in which the manager wrote; {@link
 * io.keelson.apiserver.apply.Versions} converts between them.
 *
 * <p>Objects go in and stay as they are; copies come out. No clock and no I/O beyond the conversion that is given.
 */
@NullMarked
package io.keelson.apiserver.apply;

import org.jspecify.annotations.NullMarked;
