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
            if (!OF_THE_SYSTEM.contains(condition.at("type").text())) {
                condition.at("type").check(Names::qualifiedName);
            }
        }
        Place nominated = status.at("nominatedNodeName");
        if (!nominated.is(before.path("nominatedNodeName").asText(""))) {
            nominated.checkIfFilled(Names::dnsSubdomain);
        }
        status.at("qosClass").mustEqual(before.path("qosClass"));
        String restart = old.path("spec").path("restartPolicy").asText("");
        transitions(status.at("containerStatuses"), before.path("containerStatuses"), restart, Set.of());
        transitions(
                status.at("initContainerStatuses"),
                before.path("initContainerStatuses"),
                restart,
                sidecars(old.path("spec").path("initContainers")));
        transitions(
                status.at("ephemeralContainerStatuses"), before.path("ephemeralContainerStatuses"), "Never", Set.of());
        claims(status.at("resourceClaimStatuses"), whole.at("spec", "resourceClaims"));
        addresses(status.at("podIPs"));
        if (status.at("hostIPs").size() > 0) {
            Place first = status.at("hostIPs").items().getFirst().at("ip");
            if (!first.is(status.at("hostIP").text())) {
                first.invalid("must be equal to `hostIP`");
            }
            addresses(status.at("hostIPs"));
        }
    }

    private static Set<String> sidecars(JsonNode initContainers) {
        Set<String> names = new HashSet<>();
        for (JsonNode container : initContainers) {
            if (container.path("restartPolicy").asText().equals("Always")) {
                names.add(container.path("name").asText());
            }
        }
        return names;
    }

    /** A container that ended and is not restarted stays ended. */
    private static void transitions(Place statuses, JsonNode before, String restart, Set<String> restarted) {
        if (restart.equals("Always")) {
            return;
        }
        for (int i = 0; i < before.size(); i++) {
            JsonNode was = before.get(i);
            JsonNode ended = was.path("state").path("terminated");
            String name = was.path("name").asText();
            boolean mayRestart =
                    restart.equals("OnFailure") && ended.path("exitCode").asLong() != 0;
            if (!ended.isObject() || mayRestart || restarted.contains(name)) {
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
