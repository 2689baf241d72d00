package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a change of a pod's status. */
public final class PodStatusRules {
    private static final Set<String> OF_THE_SYSTEM = Set.of("PodScheduled", "Ready", "Initialized");

    private PodStatusRules() {}

    public static void validate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(pod, errors);
        Place status = whole.at("status");
        JsonNode before = old.path("status");
        PodAnnotationRules.validateUpdate(
                whole.at("metadata", "annotations"), old.path("metadata").path("annotations"));
        for (Place condition : status.at("conditions").items()) {
            Place generation = condition.at("observedGeneration");
            if (generation.number() < 0) {
                generation.invalid("must be a non-negative integer");
            }
            if (!OF_THE_SYSTEM.contains(condition.at("type").text())) {
                condition.at("type").check(Names::qualifiedName);
            }
        }
        Place nominated = status.at("nominatedNodeName");
        if (!nominated.is(before.path("nominatedNodeName").asText(""))) {
            nominated.checkIfFilled(Names::dnsSubdomain);
        }
        status.at("qosClass").mustEqual(before.path("qosClass"));
        restarts(status, old);
        claims(status.at("resourceClaimStatuses"), whole.at("spec", "resourceClaims"));
        ExtendedClaimRules.validate(status.at("extendedResourceClaimStatus"), pod.path("spec"));
        addresses(status.at("podIPs"));
        if (status.at("hostIPs").size() > 0) {
            Place first = status.at("hostIPs").items().getFirst().at("ip");
            if (!first.is(status.at("hostIP").text())) {
                first.invalid("must be equal to `hostIP`");
            }
            addresses(status.at("hostIPs"));
        }
        ContainerStatusRules.validate(status, pod.path("spec"));
    }

    /** A container that ended and is not started again stays ended. */
    private static void restarts(Place status, ObjectNode old) {
        JsonNode spec = old.path("spec");
        String policy = spec.path("restartPolicy").asText("");
        if (!policy.equals("Always") && !RestartRules.mayRestartAll(spec)) {
            for (String sort : List.of("containers", "initContainers")) {
                String statuses = sort.substring(0, sort.length() - 1) + "Statuses";
                staysEnded(
                        status.at(statuses),
                        old.path("status").path(statuses),
                        (name, exitCode) -> RestartRules.restarts(spec.path(sort), name, exitCode, policy));
            }
        }
        staysEnded(
                status.at("ephemeralContainerStatuses"),
                old.path("status").path("ephemeralContainerStatuses"),
                (name, exitCode) -> false);
    }

    /** Whether a container of some name that ended with some exit code is started again. */
    @FunctionalInterface
    private interface Restart {
        boolean follows(String name, long exitCode);
    }

    private static void staysEnded(Place statuses, JsonNode before, Restart restart) {
        for (int i = 0; i < before.size(); i++) {
            JsonNode was = before.get(i);
            JsonNode ended = was.path("state").path("terminated");
            String name = was.path("name").asText();
            if (!ended.isObject()
                    || restart.follows(name, ended.path("exitCode").asLong())) {
                continue;
            }
            for (Place now : statuses.items()) {
                if (now.at("name").is(name) && now.at("state", "terminated").absent()) {
                    statuses.errors()
                            .forbidden(
                                    statuses.path().index(i).child("state"),
                                    "may not be transitioned to non-terminated state");
                }
            }
        }
    }

    private static void claims(Place statuses, Place claims) {
        Set<String> known = new HashSet<>();
        claims.items().forEach(claim -> known.add(claim.at("name").text()));
        Set<String> seen = new HashSet<>();
        for (Place status : statuses.items()) {
            Place name = status.at("name");
            if (!known.contains(name.text())) {
                name.invalid("must match the name of an entry in `spec.resourceClaims`");
            }
            if (!seen.add(name.text())) {
                name.duplicate();
            }
            status.at("resourceClaimName").as(name.path()).checkIfFilled(Names::dnsSubdomain);
        }
    }

    private static void addresses(Place list) {
        Set<String> seen = new HashSet<>();
        List<Place> all = list.items();
        boolean six = false;
        boolean four = false;
        for (Place element : all) {
            Place ip = element.at("ip");
            for (String wrong : Addresses.ip(ip.text())) {
                element.invalid(ip.text(), wrong);
            }
            if (!seen.add(ip.text())) {
                element.duplicate();
            }
            six |= Addresses.isIpv6(ip.text());
            four |= !Addresses.isIpv6(ip.text());
        }
        if (all.size() > 2 || (all.size() == 2 && !(four && six))) {
            list.invalid("may specify no more than one IP for each IP family");
        }
    }
}
