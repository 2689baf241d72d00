/**
 * What stands between a write that is permitted and the store: plugins that may change an object ({@code mutate}) and,
 * once nobody changes it any more, plugins that may refuse it ({@code validate}). A plugin sees every write to every
 * resource and says itself which ones concern it; the order is that of the Kubernetes API server.
 */
@NullMarked
package io.keelson.apiserver.admission;

import org.jspecify.annotations.NullMarked;
