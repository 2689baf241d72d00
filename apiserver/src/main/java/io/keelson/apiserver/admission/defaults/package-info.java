/**
 * Plugins that fill in what an object does not say but the cluster knows: the class of a claim or an ingress, the priority
 * of a pod, what it tolerates, what its runtime costs. Each says itself which writes concern it.
 */
@NullMarked
package io.keelson.apiserver.admission.defaults;

import org.jspecify.annotations.NullMarked;
