/**
 * Custom kinds: how a CustomResourceDefinition that somebody writes becomes a {@link
 * io.keelson.apiserver.resource.Resource} like any other, and goes again.
 *
 * <pre>
 * store ──► cache of definitions ──► Definitions ──► NameClaims: are its names free? ──► status of the definition
 *                                        │
 *                                        ├──► CustomKinds: a Resource for each version that is served ──► ResourceRegistry
 *                                        │      CustomStrategy (rules), PrinterColumns, WebhookConversion
 *                                        └──► InstanceRemoval: what is done while a definition is being deleted
 * </pre>
 *
 * <p>All that is known comes from the store, and all that is found out goes back to it; servers on one store therefore
 * agree without speaking to each other. Nothing here is asked while requests for built-in kinds are served.
 *
 * <p>The rules in CEL that a schema states are compiled when the first object is written, see {@link
 * io.keelson.apiserver.cel.rules}; a kind without rules has nothing to do with them.
 */
@NullMarked
package io.keelson.apiserver.crd;

import org.jspecify.annotations.NullMarked;
