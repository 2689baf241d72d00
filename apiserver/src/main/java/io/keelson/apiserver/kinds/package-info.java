/**
 * The kinds that Kubernetes has built in, as data: {@link io.keelson.apiserver.kinds.BuiltInKinds} lists a {@code Resource}
 * for each, under the names, versions and paths that everybody knows. What is special about a kind (its defaults, what is
 * wrong with an object, what of it may change) is in the package of its API group, one strategy per kind; what a pod is made
 * of, which many kinds contain, is in {@code kinds.pod}.
 */
@NullMarked
package io.keelson.apiserver.kinds;

import org.jspecify.annotations.NullMarked;
