package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.ReplicaSet;

/**
 * A ReplicaSet and the number of pods that it is to want. If that is what it wants already, it is still to be told of the
 * size that its Deployment has now.
 */
record Resize(ReplicaSet set, int replicas) {}
