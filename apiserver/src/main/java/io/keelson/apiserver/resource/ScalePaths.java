package io.keelson.apiserver.resource;

import java.util.List;

/**
 * Where an object has what its {@code scale} is made of, each as names of fields.
 *
 * @param replicas how many are wanted, {@code [spec, replicas]} for example
 * @param statusReplicas how many there are
 * @param selector the text of a label selector; empty if the kind has none
 */
public record ScalePaths(List<String> replicas, List<String> statusReplicas, List<String> selector) {
    public ScalePaths {
        replicas = List.copyOf(replicas);
        statusReplicas = List.copyOf(statusReplicas);
        selector = List.copyOf(selector);
    }
}
