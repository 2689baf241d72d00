package io.keelson.apiserver.admission.podsecurity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is said about the pods of a namespace that are against a standard it is to have from now on. */
final class ExistingPods {
    /** How many are looked at; of each controller, one comes before all others. */
    static final int CHECKED_MAX = 3000;

    private ExistingPods() {}

    static List<String> warnings(String namespace, Standard standard, List<ObjectNode> pods, Exemptions exemptions) {
        Map<String, SortedSet<String>> podsByReasons = new TreeMap<>();
        List<ObjectNode> checked = oneOfEachControllerFirst(pods);
        if (checked.size() > CHECKED_MAX) {
            checked = checked.subList(0, CHECKED_MAX);
        }
        for (ObjectNode pod : checked) {
            PodView view = PodView.of(pod);
            if (exemptions
                    .runtimeClasses()
                    .contains(view.spec().path("runtimeClassName").asText(""))) {
                continue;
            }
            List<Finding> findings = Checks.findings(standard, view);
            if (!findings.isEmpty()) {
                podsByReasons
                        .computeIfAbsent(Finding.reasons(findings), _ -> new TreeSet<>())
                        .add(ObjectMeta.name(pod));
            }
        }
        List<String> warnings = new ArrayList<>();
        if (checked.size() < pods.size()) {
            warnings.add("new PodSecurity enforce level only checked against the first " + checked.size() + " of "
                    + pods.size() + " existing pods");
        }
        if (!podsByReasons.isEmpty()) {
            warnings.add("existing pods in namespace \"" + namespace + "\" violate the new PodSecurity enforce level \""
                    + standard + "\"");
        }
        podsByReasons.entrySet().stream()
                .map(entry -> some(entry.getValue()) + ": " + entry.getKey())
                .sorted()
                .forEach(warnings::add);
        return warnings;
    }

    private static String some(SortedSet<String> pods) {
        return switch (pods.size()) {
            case 1 -> pods.getFirst();
            case 2 -> pods.getFirst() + " (and 1 other pod)";
            default -> pods.getFirst() + " (and " + (pods.size() - 1) + " other pods)";
        };
    }

    private static List<ObjectNode> oneOfEachControllerFirst(List<ObjectNode> pods) {
        Set<String> seen = new HashSet<>();
        List<ObjectNode> first = new ArrayList<>();
        List<ObjectNode> others = new ArrayList<>();
        for (ObjectNode pod : pods) {
            String controller = ObjectMeta.ownerReferences(pod).stream()
                    .filter(owner -> owner.path("controller").asBoolean(false))
                    .map(owner -> owner.path("uid").asText(""))
                    .findFirst()
                    .orElse("");
            (controller.isEmpty() || seen.add(controller) ? first : others).add(pod);
        }
        first.addAll(others);
        return first;
    }
}
