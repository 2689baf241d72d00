/**
 * Patches: a change of an object, sent instead of the object. An object goes in and stays as it is; a changed copy comes
 * out. {@link io.keelson.apiserver.patch.JsonPatch} is a list of operations (RFC 6902), {@link
 * io.keelson.apiserver.patch.MergePatch} an object whose fields replace others (RFC 7386), {@link
 * io.keelson.apiserver.patch.StrategicMergePatch} the same with lists whose elements are merged as the schema says. The
 * fourth {@link io.keelson.apiserver.patch.PatchType}, server-side apply, lives in {@code apply}.
 *
 * <p>Nothing here decodes, defaults or validates the outcome: it is treated like a body that a client has sent.
 */
@NullMarked
package io.keelson.apiserver.patch;

import org.jspecify.annotations.NullMarked;
