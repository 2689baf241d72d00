package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * What a control loop is made with.
 *
 * @param client speaks to the API
 * @param events tells users what happened
 * @param time what the time is; loops ask it and no other clock
 */
public record Context(KubernetesClient client, Events events, Time time) {}
