package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What may change in a pod that exists: images, a shorter deadline, more tolerations, fewer gates, and little else. */
public final class PodUpdateRules {
    private static final String CHANGEABLE = String.join(
            ",",
            "`spec.containers[*].image`",
            "`spec.initContainers[*].image`",
            "`spec.activeDeadlineSeconds`",
            "`spec.tolerations` (only additions to existing tolerations)",
            "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");

    private PodUpdateRules() {}

    public static void validate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(pod, errors);
        PodAnnotationRules.validateUpdate(
                whole.at("metadata", "annotations"), old.path("metadata").path("annotations"));
        Place spec = whole.at("spec");
        JsonNode before = old.path("spec");
        if (!sameNumber(spec.at("containers"), before) || !sameNumber(spec.at("initContainers"), before)) {
            return;
        }
        if (!deadline(spec.at("activeDeadlineSeconds"), before.path("activeDeadlineSeconds"))) {
            return;
        }
        TolerationRules.onlyAdded(spec.at("tolerations"), before.path("tolerations"));
        fewerGates(spec.at("schedulingGates"), before.path("schedulingGates"));
        if (SemanticEquality.equal(spec.value(), before) || !(spec.value() instanceof ObjectNode now)) {
            return;
        }
        ObjectNode rest = now.deepCopy();
        keepImages(rest.path("containers"), before.path("containers"));
        keepImages(rest.path("initContainers"), before.path("initContainers"));
        if (before instanceof ObjectNode was) {
            Fill.copy(was, rest, "activeDeadlineSeconds");
            Fill.copy(was, rest, "schedulingGates");
            Fill.copy(was, rest, "tolerations");
            if (was.path("terminationGracePeriodSeconds").asLong() < 0
                    && rest.path("terminationGracePeriodSeconds").asLong() == 1) {
                Fill.copy(was, rest, "terminationGracePeriodSeconds");
            }
            if (!was.path("schedulingGates").isEmpty()) {
                gated(spec, rest, was);
            }
        }
        if (!SemanticEquality.equal(rest, before)) {
            spec.forbidden("pod updates may not change fields other than " + CHANGEABLE + "\n"
                    + Differences.between(spec.path(), before, rest));
        }
    }

    private static boolean sameNumber(Place containers, JsonNode before) {
        if (containers.size() != before.path(containers.key()).size()) {
            containers.forbidden("pod updates may not add or remove containers");
            return false;
        }
        return true;
    }

    private static boolean deadline(Place deadline, JsonNode before) {
        if (deadline.present()) {
            if (deadline.number() < 0 || deadline.number() > Integer.MAX_VALUE) {
                deadline.within(0, Integer.MAX_VALUE);
                return false;
            }
            if (before.isNumber() && before.longValue() < deadline.number()) {
                deadline.invalid("must be less than or equal to previous value");
                return false;
            }
        } else if (before.isNumber()) {
            deadline.errors().invalid(deadline.path(), null, "must not update from a positive integer to nil value");
        }
        return true;
    }

    private static void fewerGates(Place gates, JsonNode before) {
        Set<String> known = new HashSet<>();
        before.forEach(gate -> known.add(gate.path("name").asText()));
        for (Place gate : gates.items()) {
            String name = gate.at("name").text();
            if (!known.contains(name)) {
                gate.at("name").forbidden("only deletion is allowed, but found new scheduling gate '" + name + "'");
            }
        }
    }

    private static void keepImages(JsonNode containers, JsonNode before) {
        for (int i = 0; i < containers.size(); i++) {
            if (containers.get(i) instanceof ObjectNode container && before.path(i) instanceof ObjectNode old) {
                Fill.copy(old, container, "image");
            }
        }
    }

    /** While a pod waits at its gates, it may still be told more about where to run. */
    private static void gated(Place spec, ObjectNode rest, ObjectNode was) {
        Place selector = spec.at("nodeSelector");
        JsonNode selectorBefore = was.path("nodeSelector");
        boolean kept = selectorBefore
                .propertyStream()
                .allMatch(
                        entry -> selector.at(entry.getKey()).is(entry.getValue().asText()));
        if (!kept) {
            selector.invalid("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }
        Fill.copy(was, rest, "nodeSelector");
        JsonNode nodesBefore = was.path("affinity").path("nodeAffinity");
        nodeAffinity(spec.at("affinity", "nodeAffinity"), nodesBefore);
        ObjectNode affinity = Fill.object(rest, "affinity");
        if (nodesBefore.isObject()) {
            affinity.set("nodeAffinity", nodesBefore.deepCopy());
        } else {
            affinity.remove("nodeAffinity");
        }
    }

    private static void nodeAffinity(Place affinity, JsonNode before) {
        String required = "requiredDuringSchedulingIgnoredDuringExecution";
        Place terms = affinity.at(required, "nodeSelectorTerms");
        JsonNode termsBefore = before.path(required).path("nodeSelectorTerms");
        if (termsBefore.isEmpty()) {
            return;
        }
        if (terms.size() != termsBefore.size()) {
            terms.invalid("no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }
        List<Place> all = terms.items();
        for (int i = 0; i < all.size(); i++) {
            if (!onlyAdds(all.get(i), termsBefore.get(i))) {
                all.get(i).invalid("only additions are allowed (no mutations or deletions)");
            }
        }
    }

    private static boolean onlyAdds(Place term, JsonNode before) {
        boolean emptyBefore = before.path("matchExpressions").isEmpty()
                && before.path("matchFields").isEmpty();
        if (emptyBefore) {
            // A term without requirements chooses no node; with one, it would choose some.
            return term.at("matchExpressions").size() + term.at("matchFields").size() == 0;
        }
        for (String list : List.of("matchExpressions", "matchFields")) {
            JsonNode now = term.at(list).value();
            for (int i = 0; i < before.path(list).size(); i++) {
                if (!SemanticEquality.equal(now.path(i), before.path(list).get(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}
