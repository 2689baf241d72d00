package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.Map;
import java.util.Set;

/**
 * What the rules for a container have to know of the pod around it.
 *
 * @param volumes that are well-formed, by name
 * @param claims names of the claims for devices
 * @param gracePeriodSeconds how long containers have to end
 * @param restartPolicy of the pod
 * @param os what the pod runs on; empty if it does not say
 * @param hostUsers whether users in containers are those of the node
 */
record PodContext(
        Map<String, JsonNode> volumes,
        Set<String> claims,
        Place gracePeriodSeconds,
        String restartPolicy,
        String os,
        boolean hostUsers) {}
